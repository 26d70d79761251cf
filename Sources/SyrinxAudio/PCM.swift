package enum PCM {}
