// @ts-check
/** One avatar on one canvas, with its sound: connection, hidden video element and transparent drawing together. */

import { AlphaCanvas } from "./alpha_canvas.js";
import { WhepClient } from "./whep_client.js";

/**
 * @typedef {object} Readout
 * @property {number} fps frames drawn during the last second
 * @property {number | null} delayMs mean time of a frame from the server's door to the screen; null while unknown
 */

/**
 * @typedef {object} ViewListeners
 * @property {(state: import("./whep_client.js").WhepState, detail: string) => void} [onState]
 * @property {(readout: Readout) => void} [onReadout] once per second
 */

const READOUT_INTERVAL_MS = 1000;

export class AvatarView {
  #video;
  #picture;
  #client;
  #listeners;
  #interval;
  #frames = 0;
  #countedSince = performance.now();
  /** @type {number[]} how long each frame took from its arrival to the screen */
  #bufferedMs = [];

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {string} whepUrl
   * @param {ViewListeners} [listeners]
   * @throws {Error} when the browser offers no WebGL
   */
  constructor(canvas, whepUrl, listeners = {}) {
    this.#listeners = listeners;
    this.#video = hiddenVideo();
    this.#picture = new AlphaCanvas(canvas, this.#video, (metadata) => this.#count(metadata));
    this.#client = new WhepClient(whepUrl, {
      onState: listeners.onState,
      onStream: (stream) => this.#play(stream),
    });
    this.#interval = setInterval(() => void this.#report(), READOUT_INTERVAL_MS);
    document.body.append(this.#video);
    this.#client.start();
  }

  get muted() {
    return this.#video.muted;
  }

  /**
   * Turns the sound on or off.
   * @param {boolean} muted
   * @returns {Promise<boolean>} whether it is muted now: browsers refuse sound before the first click or key
   */
  async setMuted(muted) {
    this.#video.muted = muted;
    if (!muted && this.#video.srcObject !== null) {
      await this.#video.play().catch(() => this.#playMuted());
    }
    return this.#video.muted;
  }

  destroy() {
    clearInterval(this.#interval);
    this.#client.destroy();
    this.#picture.destroy();
    this.#video.remove();
    this.#video.srcObject = null;
  }

  /** @param {MediaStream} stream */
  #play(stream) {
    this.#video.srcObject = stream;
    this.#video.play().catch(() => this.#playMuted());
  }

  #playMuted() {
    this.#video.muted = true;
    this.#video.play().catch(() => {});
  }

  /** @param {VideoFrameCallbackMetadata} metadata */
  #count(metadata) {
    this.#frames += 1;
    if (metadata.receiveTime === undefined) return;
    this.#bufferedMs.push(Math.max(0, metadata.expectedDisplayTime - metadata.receiveTime));
  }

  async #report() {
    const now = performance.now();
    const fps = (1000 * this.#frames) / (now - this.#countedSince);
    const bufferedMs = this.#bufferedMs;
    this.#frames = 0;
    this.#countedSince = now;
    this.#bufferedMs = [];
    const onTheWayMs = (await roundTrip(this.#client.peer)) / 2;
    const delayMs = bufferedMs.length === 0 ? null : mean(bufferedMs) + onTheWayMs;
    this.#listeners.onReadout?.({ fps, delayMs });
  }
}

/** @param {number[]} values @returns {number} */
function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @returns {HTMLVideoElement} one that plays without being seen */
function hiddenVideo() {
  const video = document.createElement("video");
  video.muted = true;
  video.autoplay = true;
  video.playsInline = true;
  video.tabIndex = -1;
  video.setAttribute("aria-hidden", "true");
  video.style.cssText = "position:fixed;width:1px;height:1px;opacity:0;pointer-events:none";
  return video;
}

/** @param {RTCPeerConnection | null} peer @returns {Promise<number>} milliseconds; 0 while unknown */
async function roundTrip(peer) {
  if (peer === null) return 0;
  for (const report of (await peer.getStats()).values()) {
    if (report.type === "candidate-pair" && report.nominated) return 1000 * (report.currentRoundTripTime ?? 0);
  }
  return 0;
}
