# SPDX-License-Identifier: Apache-2.0
"""A Pipecat bot without a key, a model or a network: its transport, serializer, VAD and RTVI are Pipecat's own; what it
hears is always HEARD, and what it says is a WAV.

usage: pipecat_bot.py PORT WAV     one caller at a time, until it is ended; a typed "goodbye" makes it hang up
"""

import asyncio
import sys
import wave

import numpy
from pipecat.audio.vad.vad_analyzer import VADAnalyzer, VADParams
from pipecat.frames.frames import (
    EndWorkerFrame, InputDTMFFrame, InterimTranscriptionFrame, InterruptionFrame, LLMFullResponseEndFrame,
    LLMFullResponseStartFrame, LLMMessagesAppendFrame, LLMTextFrame, TranscriptionFrame, TTSAudioRawFrame,
    TTSStartedFrame, TTSStoppedFrame, TTSTextFrame, UserStartedSpeakingFrame, UserStoppedSpeakingFrame,
    VADUserStartedSpeakingFrame, VADUserStoppedSpeakingFrame)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.audio.vad_processor import VADProcessor
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.protobuf import ProtobufFrameSerializer
from pipecat.transports.websocket.server import (
    SingleClientWebsocketServerParams, SingleClientWebsocketServerTransport)
from pipecat.workers.runner import WorkerRunner

HEARD = "what time is it"
SAID = "It is noon."
RATE = 24000


class EnergyVAD(VADAnalyzer):
    """Loud is speech."""

    def num_frames_required(self):
        return self.sample_rate // 50

    def voice_confidence(self, buffer):
        samples = numpy.frombuffer(buffer, dtype="<i2").astype(float)
        return 1.0 if len(samples) and numpy.sqrt(numpy.mean(samples**2)) > 300 else 0.0


class Mind(FrameProcessor):
    """Recogniser, model and voice in one: answers each turn with the WAV."""

    def __init__(self, wav):
        super().__init__()
        with wave.open(wav, "rb") as file:
            assert file.getframerate() == RATE and file.getnchannels() == 1
            self.audio = file.readframes(file.getnframes())

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        await self.push_frame(frame, direction)
        if direction != FrameDirection.DOWNSTREAM:
            return
        if isinstance(frame, VADUserStartedSpeakingFrame):
            await self.broadcast_frame(UserStartedSpeakingFrame)
            await self.broadcast_interruption()
            await self.push_frame(InterimTranscriptionFrame(HEARD[:4], "caller", "now"))
        elif isinstance(frame, VADUserStoppedSpeakingFrame):
            await self.push_frame(TranscriptionFrame(HEARD, "caller", "now"))
            await self.broadcast_frame(UserStoppedSpeakingFrame)
            await self.say(SAID)
        elif isinstance(frame, LLMMessagesAppendFrame):
            text = frame.messages[-1]["content"]
            await self.say(f"You wrote {text}.")
            if "goodbye" in text:
                await self.push_frame(EndWorkerFrame(), FrameDirection.UPSTREAM)
        elif isinstance(frame, InputDTMFFrame):
            print(f"key {frame.button.value}", flush=True)
        elif isinstance(frame, InterruptionFrame):
            print("interrupted", flush=True)

    async def say(self, text):
        await self.push_frame(LLMFullResponseStartFrame())
        await self.push_frame(LLMTextFrame(text))
        await self.push_frame(LLMFullResponseEndFrame())
        await self.push_frame(TTSStartedFrame())
        size = RATE // 50 * 2
        for start in range(0, len(self.audio), size):
            await self.push_frame(TTSAudioRawFrame(self.audio[start : start + size], RATE, 1))
        spoken = TTSTextFrame(text, text_type="sentence")
        spoken.will_be_spoken = True
        await self.push_frame(spoken)
        await self.push_frame(TTSStoppedFrame())


async def main():
    transport = SingleClientWebsocketServerTransport(
        host="127.0.0.1", port=int(sys.argv[1]),
        params=SingleClientWebsocketServerParams(
            serializer=ProtobufFrameSerializer(), audio_in_enabled=True, audio_out_enabled=True,
            audio_out_end_silence_secs=0))
    vad = VADProcessor(vad_analyzer=EnergyVAD(params=VADParams(stop_secs=0.4, min_volume=0)))
    worker = PipelineWorker(
        Pipeline([transport.input(), vad, Mind(sys.argv[2]), transport.output()]),
        params=PipelineParams(audio_in_sample_rate=16000, audio_out_sample_rate=RATE), idle_timeout_secs=None)
    runner = WorkerRunner(handle_sigint=False, handle_sigterm=True)
    await runner.add_workers(worker)
    await runner.run()


if __name__ == "__main__":
    asyncio.run(main())
