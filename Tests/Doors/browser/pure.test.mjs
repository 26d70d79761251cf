// SPDX-License-Identifier: Apache-2.0
// What of the client needs no browser. `node --test`.
import assert from "node:assert/strict";
import { test } from "node:test";
import { readFileSync } from "node:fs";
import { Call, Framer, Playback, Resampler, talkURL, workletSource } from "../../../clients/js/syrinx.js";

const sine = (hertz, rate, seconds) =>
  Float32Array.from({ length: rate * seconds }, (_, at) => Math.sin((2 * Math.PI * hertz * at) / rate));
const loudness = (samples) => Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
const middle = (samples) => samples.slice(samples.length / 4, (samples.length * 3) / 4);
const rates = [[48000, 16000], [44100, 16000], [48000, 24000], [16000, 48000], [8000, 44100], [48000, 8000]];

test("a tone that both rates can hold stays as loud as it was", () => {
  for (const [from, to] of rates) {
    const out = new Resampler(from, to).process(sine(1000, from, 1));
    assert.ok(Math.abs(out.length - to) < 0.02 * to, `${from} to ${to}: ${out.length} samples`);
    assert.ok(Math.abs(loudness(middle(out)) - Math.SQRT1_2) < 0.01, `${from} to ${to}: ${loudness(middle(out))}`);
  }
});

test("what the lower rate cannot hold is not heard as something else", () => {
  for (const [from, to, hertz] of [[48000, 16000, 10000], [48000, 8000, 5500], [44100, 16000, 12000]]) {
    const out = new Resampler(from, to).process(sine(hertz, from, 1));
    assert.ok(loudness(middle(out)) < 0.005, `${hertz} Hz, ${from} to ${to}: ${loudness(middle(out))}`);
  }
});

test("pieces make no difference", () => {
  const tone = sine(440, 48000, 0.5);
  const whole = new Resampler(48000, 16000).process(tone);
  const resampler = new Resampler(48000, 16000);
  const parts = [];
  for (let at = 0; at < tone.length; at += 128) parts.push(...resampler.process(tone.subarray(at, at + 128)));
  assert.equal(parts.length, whole.length);
  parts.forEach((sample, at) => assert.ok(Math.abs(sample - whole[at]) < 1e-5));
});

test("a microphone becomes frames of 20 ms", () => {
  const framer = new Framer(48000, 16000);
  const frames = [];
  for (let at = 0; at < 48000; at += 128) frames.push(...framer.push(sine(440, 48000, 1).subarray(at, at + 128)));
  assert.ok(frames.length === 49 || frames.length === 50);
  assert.ok(frames.every((frame) => frame instanceof Int16Array && frame.length === 320));
  const loud = new Framer(16000, 16000).push(new Float32Array(640).fill(2));
  assert.deepEqual([...new Set(loud.flatMap((frame) => [...frame]))], [32767]);
});

const pull = (playback, count = 128) => {
  const out = new Float32Array(count);
  playback.pull(out);
  return out;
};

test("playing begins after its lead and goes on without a gap", () => {
  const playback = new Playback(16000, 16000, 0.06);
  playback.push(new Int16Array(320).fill(16384));
  assert.ok(pull(playback).every((sample) => sample === 0), "one frame may be all there is for a while");
  for (let frame = 0; frame < 4; frame++) playback.push(new Int16Array(320).fill(16384));
  let heard = 0;
  for (let quantum = 0; quantum < 12; quantum++) heard += pull(playback).filter((sample) => sample === 0.5).length;
  assert.equal(heard, 12 * 128);
  assert.equal(playback.played, 12 * 128);
  pull(playback);
  assert.equal(playback.played, 1600, "and never counts more than there was");
  assert.ok(pull(playback).every((sample) => sample === 0));
});

test("what is shorter than the lead is played, too", () => {
  const playback = new Playback(16000, 16000, 0.06);
  playback.push(new Int16Array(320).fill(16384));
  let heard = 0;
  for (let quantum = 0; quantum < 20; quantum++) heard += pull(playback).filter((sample) => sample !== 0).length;
  assert.equal(heard, 320);
});

test("a clear drops what waits, at once, and does not count it", () => {
  const playback = new Playback(16000, 48000);
  for (let frame = 0; frame < 50; frame++) playback.push(new Int16Array(320).fill(16384));
  for (let quantum = 0; quantum < 75; quantum++) pull(playback);
  assert.equal(playback.played, (75 * 128) / 3);
  playback.clear();
  assert.ok(pull(playback).every((sample) => sample === 0));
  assert.equal(playback.played, (75 * 128) / 3);
});

test("where a call begins", () => {
  const page = "https://shop.example/help?x=1";
  assert.equal(talkURL({}, page), "wss://shop.example/v1/talk");
  assert.equal(talkURL({ url: "/acme", rate: 16000 }, page), "wss://shop.example/acme/v1/talk?rate=16000");
  assert.equal(talkURL({ url: "http://127.0.0.1:8080/" }, page), "ws://127.0.0.1:8080/v1/talk");
  assert.equal(
    talkURL({ url: "wss://h/", profile: "a b", user: "+1", token: "syt_x", resumable: true, query: { vad: "v" } }, page),
    "wss://h/v1/talk?profile=a%20b&user=%2B1&token=syt_x&resumable=true&vad=v");
  assert.equal(
    talkURL({ url: "/v1/talk?token=syt_y", rate: 8000 }, page), "wss://shop.example/v1/talk?token=syt_y&rate=8000");
  assert.equal(talkURL({ url: "wss://h", resume: "syr_z", rate: 8000, resumable: true }, page), "wss://h/v1/talk?resume=syr_z");
});

test("every message of a client has its method", () => {
  const description = "../../../Sources/SyrinxServer/HTTP/Description/TalkDescription+Commands.swift";
  const source = readFileSync(new URL(description, import.meta.url), "utf8");
  const described = [...source.matchAll(/command\(\s*"(\w+)"/g)].map(([, type]) => type);
  const sent = [];
  globalThis.WebSocket = { OPEN: 1 };
  const call = new Call();
  Object.assign(call, { state: "open", rate: 16000, socket: { readyState: 1, send: (text) => sent.push(JSON.parse(text)), close() {} } });
  call.sendText("hello");
  call.say("one moment", { priority: "high" });
  call.sendKeys("42#");
  call.interrupt();
  call.commit();
  call.discard();
  call.switchPipeline("s2s");
  call.setLanguage("de");
  call.report(8000);
  call.close();
  assert.deepEqual(sent.map(({ type }) => type), described);
  assert.deepEqual(sent[1], { type: "say", text: "one moment", priority: "high" });
  assert.deepEqual(sent[2], { type: "keys", keys: "42#" });
  assert.deepEqual(sent[6], { type: "pipeline", pipeline: "s2s" });
  assert.deepEqual(sent[7], { type: "language", language: "de" });
  assert.deepEqual(sent[8], { type: "played", ms: 500 });
});

test("the audio thread's module stands by itself", () => {
  const registered = {};
  class AudioWorkletProcessor { constructor() { this.port = { sent: [], postMessage(m) { this.sent.push(m); } }; } }
  new Function("AudioWorkletProcessor", "registerProcessor", "sampleRate", workletSource())(
    AudioWorkletProcessor, (name, processor) => (registered[name] = processor), 48000);
  assert.deepEqual(Object.keys(registered), ["syrinx-microphone", "syrinx-speaker"]);
  const microphone = new registered["syrinx-microphone"]({ processorOptions: { rate: 16000 } });
  for (let quantum = 0; quantum < 375; quantum++) microphone.process([[]]);
  assert.ok(Math.abs(microphone.port.sent.length - 50) <= 1, "silence is sent, too");
  const speaker = new registered["syrinx-speaker"]({ processorOptions: { rate: 16000 } });
  speaker.port.onmessage({ data: new Int16Array(1600).fill(1000) });
  for (let quantum = 0; quantum < 50; quantum++) speaker.process([], [[new Float32Array(128)]]);
  const last = speaker.port.sent.at(-1);
  assert.ok(last > 1560 && last <= 1600, `played ${last}`);
});
