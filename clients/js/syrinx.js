// SPDX-License-Identifier: Apache-2.0
//
// A voice call from a web page to a Syrinx server. One file, no dependencies, no build:
//
//   <script type="module">
//     import { Call } from "./syrinx.js";
//     const call = new Call({ url: "wss://voice.example.org", token: () => fetch("/token").then((r) => r.text()) });
//     call.addEventListener("transcript.final", (event) => console.log("caller:", event.detail.text));
//     call.addEventListener("agent.text", (event) => console.log("agent:", event.detail.text));
//     startButton.onclick = () => call.start();      // browsers want a click before sound
//     stopButton.onclick = () => call.close();
//   </script>
//
// README.md beside this file tells the rest; docs/PROTOCOL.md what goes over the wire.

/** What a frame of audio lasts, in seconds: the protocol's best size of a message. */
const FRAME = 0.02;

/**
 * One call: microphone to server, server to loudspeaker.
 *
 * Every event of the server is dispatched under its own type with its JSON as `detail` (docs/PROTOCOL.md lists them),
 * and once more as `event`. Of its own it has
 *  - `state`: `detail` is `connecting`, `open`, `reconnecting` or `closed`
 *  - `audio`: `detail` is an Int16Array, what came to be played
 *  - `closed`: last of all; `detail.reason` is the server's, `refused`, `transport_lost`, or the microphone's error
 */
export class Call extends EventTarget {
  /**
   * @param {object} options
   * @param {string} [options.url] the server (`wss://host`, `https://host/tenant`), or the `url` that `POST /v1/tokens`
   *   gave; without, the page's own host
   * @param {string | (() => string | Promise<string>)} [options.token] a session token, or what gets one
   * @param {string} [options.profile] and `language`, `user`: as in the protocol
   * @param {number} [options.rate] Hz of both directions, 16000 without
   * @param {object} [options.query] more parameters, such as those of the profile
   * @param {boolean | MediaStream} [options.microphone] false = a call of typed turns; a stream = what is heard instead
   * @param {boolean} [options.resumable] false = a lost connection ends the call
   * @param {AudioContext} [options.context] one that the page has already
   * @param {string} [options.worklet] where the page serves `workletSource()`, if its CSP allows no blob: scripts
   */
  constructor(options = {}) {
    super();
    this.options = { rate: 16000, microphone: true, resumable: true, ...options };
    this.state = "new";
    this.session = null;
    /** Samples of the agent that were played so far, at the session's rate. */
    this.played = 0;
    this.muted = false;
    this.ended = new Promise((resolve) => (this.resolveEnded = resolve));
  }

  /** Begins the call: resolves when the server has taken it. Call it from a click: browsers want that before sound. */
  async start() {
    if (this.state !== "new") throw new Error("a call starts once");
    this.setState("connecting");
    try {
      await this.openAudio();
      const token = typeof this.options.token === "function" ? await this.options.token() : this.options.token;
      await this.connect(talkURL({ ...this.options, token }));
    } catch (error) {
      this.finish(error.reason ?? error.message);
      throw error;
    }
  }

  // ---- what the page says

  /** A turn that is typed instead of spoken. */
  sendText(text) { this.send({ type: "text", text }); }

  /** The agent says this. `options`: `priority`, `interruptible`, `add_to_history`. */
  say(text, options = {}) { this.send({ type: "say", text, ...options }); }

  /** Keys of a telephone, `12#`: 0 to 9, `*`, `#`, A to D. They are a turn after `#`, or after two seconds. */
  sendKeys(keys) { this.send({ type: "keys", keys }); }

  /** As if the caller had interrupted: the agent falls silent. */
  interrupt() { this.send({ type: "interrupt" }); }

  /** The caller's turn is complete now. */
  commit() { this.send({ type: "commit" }); }

  /** The caller's unfinished turn is forgotten. */
  discard() { this.send({ type: "discard" }); }

  /** The call goes on in the profile's other pipeline, `cascade` or `s2s`, after the turn in progress. */
  switchPipeline(pipeline) { this.send({ type: "pipeline", pipeline }); }

  /** The call goes on in another language, a tag of BCP 47. */
  setLanguage(language) { this.send({ type: "language", language }); }

  /** Ends the call; `ended` tells when that is done. */
  close() {
    if (this.state === "open") this.send({ type: "close" });
    else this.finish("client_closed");
    setTimeout(() => this.finish("client_closed"), 1000);
    return this.ended;
  }

  send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  // ---- the connection

  connect(url) {
    return new Promise((resolve, reject) => {
      const socket = new WebSocket(url);
      socket.binaryType = "arraybuffer";
      this.socket = socket;
      socket.onmessage = ({ data }) => {
        if (socket !== this.socket) return;
        if (typeof data !== "string") return this.receiveAudio(new Int16Array(data));
        const event = JSON.parse(data);
        if (event.type === "session.started" || event.type === "session.resumed") {
          this.greeted(event);
          resolve();
        }
        this.dispatch(event.type, event);
        this.dispatch("event", event);
        if (event.type === "audio.clear") this.speaker?.port.postMessage("clear");
        if (event.type === "session.closed") this.reason = event.reason;
      };
      socket.onclose = ({ code, wasClean }) => {
        // Before its greeting a connection is its opener's; a browser does not say why a handshake was refused.
        reject(Object.assign(new Error("the server refused the call, or cannot be reached"), { reason: "refused" }));
        if (socket === this.socket && this.state === "open") this.lost(wasClean && code !== 1006);
      };
    });
  }

  greeted(event) {
    this.session = event.session;
    this.rate = event.rate;
    this.resume = event.resume;
    this.setState("open");
  }

  /** A close frame ends a session; a connection that broke without one can be taken up again for a while. */
  async lost(wasClosed) {
    if (wasClosed || !this.resume) return this.finish(this.reason ?? "transport_lost");
    const end = performance.now() + this.resume.window_ms;
    this.setState("reconnecting");
    for (let pause = 100; this.state === "reconnecting" && performance.now() < end; pause = Math.min(pause * 2, 2000)) {
      const { url, rate } = this.options;
      if (await this.connect(talkURL({ url: url?.split("?")[0], rate, resume: this.resume.token })).then(() => true, () => false)) return;
      await new Promise((wake) => setTimeout(wake, pause));
    }
    this.finish("transport_lost");
  }

  finish(reason) {
    if (this.state === "closed") return;
    this.setState("closed");
    this.socket?.close();
    if (this.ownsStream) for (const track of this.stream.getTracks()) track.stop();
    for (const node of [this.source, this.listener, this.speaker]) node?.disconnect();
    if (this.context && this.context !== this.options.context) this.context.close();
    this.dispatch("closed", { reason });
    this.resolveEnded(reason);
  }

  setState(state) {
    this.state = state;
    this.dispatch("state", state);
  }

  dispatch(type, detail) { this.dispatchEvent(new CustomEvent(type, { detail })); }

  // ---- audio

  async openAudio() {
    const { rate, microphone } = this.options;
    this.context = this.options.context ?? new AudioContext({ latencyHint: "interactive" });
    await this.context.audioWorklet.addModule(this.options.worklet ?? workletURL());
    await this.context.resume();
    const mono = { channelCount: 1, channelCountMode: "explicit", processorOptions: { rate } };
    this.speaker = new AudioWorkletNode(this.context, "syrinx-speaker", { ...mono, numberOfInputs: 0, outputChannelCount: [1] });
    this.speaker.port.onmessage = ({ data }) => this.report(data);
    this.speaker.connect(this.context.destination);
    if (!microphone) return;
    this.ownsStream = microphone === true;
    const wanted = { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    this.stream = this.ownsStream ? await navigator.mediaDevices.getUserMedia({ audio: wanted }) : microphone;
    this.source = this.context.createMediaStreamSource(this.stream);
    this.listener = new AudioWorkletNode(this.context, "syrinx-microphone", { ...mono, numberOfOutputs: 0 });
    this.listener.port.onmessage = ({ data }) => this.sendAudio(data);
    this.source.connect(this.listener);
  }

  /** The server's clock is the audio's: whoever is muted sends silence. What cannot leave for a second is too old. */
  sendAudio(frame) {
    if (this.state !== "open" || this.socket.bufferedAmount > this.rate * 2) return;
    this.socket.send(this.muted ? new Int16Array(frame.length) : frame);
  }

  receiveAudio(samples) {
    this.dispatch("audio", samples);
    // A copy: listeners may keep theirs.
    this.speaker?.port.postMessage(samples.slice());
  }

  report(played) {
    this.played = played;
    if (this.state === "open") this.send({ type: "played", ms: Math.round((played * 1000) / this.rate) });
  }
}

/** Where a call with these options begins. `page`: what a url without a host is relative to. */
export function talkURL(options, page = globalThis.location?.href) {
  const url = new URL(options.url ?? "/", page);
  url.protocol = url.protocol.replace("http", "ws");
  if (!url.pathname.endsWith("/v1/talk")) url.pathname = url.pathname.replace(/\/*$/, "/v1/talk");
  const { profile, rate, language, user, token, resume, query } = options;
  const resumable = !resume && options.resumable ? "true" : undefined;
  const known = resume ? { resume } : { profile, rate, language, user, token, resumable, ...query };
  for (const [name, value] of Object.entries(known)) {
    if (value !== undefined && value !== null) url.searchParams.set(name, String(value));
  }
  // In the protocol a plus is a plus.
  url.search = url.search.replaceAll("+", "%20");
  return url.href;
}

// ---- what runs beside the page, in the audio thread. These classes are sent there as text: they use nothing else.

/** Another sample rate, piece by piece: a windowed sinc, cut off below the lower rate's half. */
export class Resampler {
  constructor(from, to) {
    this.step = from / to;
    const cutoff = Math.min(1, to / from) * 0.92;
    this.half = Math.ceil(16 / Math.min(1, to / from));
    this.phases = 128;
    this.kernels = Array.from({ length: this.phases + 1 }, (_, phase) =>
      Float32Array.from({ length: 2 * this.half }, (_, tap) => {
        const at = tap - this.half + 1 - phase / this.phases;
        const angle = Math.PI * at * cutoff;
        const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
        return cutoff * sinc * (0.5 + 0.5 * Math.cos((Math.PI * at) / (this.half + 1)));
      }));
    this.clear();
  }

  clear() {
    this.past = new Float32Array(this.half);
    this.at = this.half;
  }

  /** Float32Array in, Float32Array out; some 16 samples of the lower rate come later. */
  process(samples) {
    if (this.step === 1) return samples;
    const all = new Float32Array(this.past.length + samples.length);
    all.set(this.past);
    all.set(samples, this.past.length);
    const out = [];
    for (; this.at + this.half < all.length; this.at += this.step) {
      const whole = Math.floor(this.at);
      const kernel = this.kernels[Math.round((this.at - whole) * this.phases)];
      let sum = 0;
      for (let tap = 0, first = whole - this.half + 1; tap < kernel.length; tap++) sum += kernel[tap] * all[first + tap];
      out.push(sum);
    }
    const drop = Math.max(0, Math.floor(this.at) - this.half);
    this.past = all.slice(drop);
    this.at -= drop;
    return Float32Array.from(out);
  }
}

/** Cuts what a microphone hears into frames of 20 ms at the session's rate. */
export class Framer {
  constructor(from, to, frame = 0.02) {
    this.resampler = new Resampler(from, to);
    this.frame = new Int16Array(Math.round(to * frame));
    this.filled = 0;
  }

  /** Frames (Int16Array) that are complete now. */
  push(samples) {
    const frames = [];
    for (const sample of this.resampler.process(samples)) {
      this.frame[this.filled++] = Math.round(Math.max(-1, Math.min(1, sample)) * 32767);
      if (this.filled === this.frame.length) {
        frames.push(this.frame.slice());
        this.filled = 0;
      }
    }
    return frames;
  }
}

/** What came and was not played. It begins after `lead` seconds of audio, or of waiting, so that jitter makes no gaps. */
export class Playback {
  constructor(rate, deviceRate, lead = 0.06) {
    this.resampler = new Resampler(rate, deviceRate);
    this.scale = rate / deviceRate;
    this.lead = Math.round(lead * deviceRate);
    this.count = 0;
    this.clear();
  }

  /** Samples played so far, at the session's rate. */
  get played() { return Math.floor(this.count * this.scale); }

  push(samples) {
    const piece = this.resampler.process(Float32Array.from(samples, (sample) => sample / 32768));
    if (piece.length) this.pieces.push(piece);
    this.queued += piece.length;
  }

  /** The agent was interrupted: nothing of what waits is played. */
  clear() {
    this.pieces = [];
    this.offset = this.queued = this.waited = 0;
    this.isPlaying = false;
    this.resampler.clear();
  }

  /** Fills `out` with what is next, and with silence where there is nothing. */
  pull(out) {
    out.fill(0);
    if (!this.isPlaying && this.queued) {
      this.waited += out.length;
      this.isPlaying = this.queued >= this.lead || this.waited > this.lead;
    }
    for (let at = 0; this.isPlaying && at < out.length;) {
      const rest = this.pieces[0].subarray(this.offset, this.offset + out.length - at);
      out.set(rest, at);
      at += rest.length;
      this.offset += rest.length;
      this.queued -= rest.length;
      this.count += rest.length;
      if (this.offset === this.pieces[0].length) {
        this.pieces.shift();
        this.offset = 0;
      }
      if (!this.queued) this.isPlaying = false;
    }
    if (!this.queued) this.waited = 0;
  }
}

/** The audio thread's module, for pages that serve it themselves. */
export function workletSource() {
  return `${[Resampler, Framer, Playback].join("\n")}
registerProcessor("syrinx-microphone", class extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) { super(); this.framer = new Framer(sampleRate, rate, ${FRAME}); }
  process([[samples]]) {
    // A microphone that gives nothing is silence: time goes on.
    for (const frame of this.framer.push(samples ?? new Float32Array(128))) this.port.postMessage(frame, [frame.buffer]);
    return true;
  }
});
registerProcessor("syrinx-speaker", class extends AudioWorkletProcessor {
  constructor({ processorOptions: { rate } }) {
    super();
    this.playback = new Playback(rate, sampleRate);
    this.reported = this.sinceReport = 0;
    this.port.onmessage = ({ data }) => (data === "clear" ? this.playback.clear() : this.playback.push(data));
  }
  process(_, [[out]]) {
    this.playback.pull(out);
    this.sinceReport += out.length;
    const { played, isPlaying } = this.playback;
    if (played !== this.reported && (!isPlaying || this.sinceReport >= sampleRate / 5)) {
      this.port.postMessage((this.reported = played));
      this.sinceReport = 0;
    }
    return true;
  }
});`;
}

function workletURL() {
  return URL.createObjectURL(new Blob([workletSource()], { type: "text/javascript" }));
}
