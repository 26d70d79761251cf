// SPDX-License-Identifier: Apache-2.0
// What a call lets be heard, as the loudspeaker gets it: 16-bit samples at 16 kHz, in base64.
export function recordOf(call) {
  const rate = 16000;
  const node = new AudioWorkletNode(call.context, "syrinx-microphone", {
    numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit", processorOptions: { rate },
  });
  const frames = [];
  node.port.onmessage = ({ data }) => frames.push(data);
  call.speaker.connect(node);
  return () => {
    const bytes = new Uint8Array(frames.length * rate / 50 * 2);
    frames.forEach((frame, at) => bytes.set(new Uint8Array(frame.buffer), at * frame.byteLength));
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  };
}

/** Resolves with the first event of a type that passes. */
export function event(call, type, passes = () => true) {
  return new Promise((resolve) => call.addEventListener(type, ({ detail }) => passes(detail) && resolve(detail)));
}
