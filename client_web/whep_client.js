// @ts-check
/**
 * Plays one avatar over WebRTC, signalled by WHEP (WebRTC-HTTP egress protocol), and keeps it playing:
 * whatever breaks, it connects again with growing pauses until it is destroyed.
 */

/**
 * idle: not started. connecting: negotiating. live: media flows. waiting: pausing before the next attempt.
 * closed: destroyed, for good.
 * @typedef {"idle" | "connecting" | "live" | "waiting" | "closed"} WhepState
 */

/**
 * @typedef {object} WhepListeners
 * @property {(state: WhepState, detail: string) => void} [onState] detail is a sentence, or "" when there is nothing to say
 * @property {(stream: MediaStream) => void} [onStream] a new stream with one video and one audio track
 */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;
const CONNECT_TIMEOUT_MS = 15000;
const GATHERING_TIMEOUT_MS = 1500;
const DISCONNECTED_GRACE_MS = 3000;
const WATCH_INTERVAL_MS = 1000;
const SILENT_CHECKS = 3;
const NO_MEDIA = "Sound and picture do not arrive: a firewall may block UDP between this browser and the server.";

export class WhepClient {
  #url;
  #listeners;
  /** @type {WhepState} */
  #state = "idle";
  /** @type {RTCPeerConnection | null} */
  #peer = null;
  /** @type {string | null} */
  #session = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #watch;
  #failures = 0;

  /**
   * @param {string} url address of the avatar's WHEP endpoint
   * @param {WhepListeners} [listeners]
   */
  constructor(url, listeners = {}) {
    this.#url = url;
    this.#listeners = listeners;
  }

  get state() {
    return this.#state;
  }

  /** The current connection, for statistics; null between attempts. */
  get peer() {
    return this.#peer;
  }

  /** Begins to play; returns at once. */
  start() {
    if (this.#state === "idle") void this.#connect();
  }

  /** Ends the session on both sides, for good. */
  destroy() {
    if (this.#state === "closed") return;
    this.#release();
    this.#enter("closed");
  }

  /** @param {WhepState} state @param {string} [detail] */
  #enter(state, detail = "") {
    this.#state = state;
    this.#listeners.onState?.(state, detail);
  }

  async #connect() {
    const peer = new RTCPeerConnection();
    this.#peer = peer;
    this.#enter("connecting");
    this.#timer = setTimeout(() => this.#retry(peer, NO_MEDIA), CONNECT_TIMEOUT_MS);
    try {
      this.#receiveTracks(peer);
      await peer.setLocalDescription(await peer.createOffer());
      await gatheringComplete(peer);
      const answer = await this.#exchange(peer);
      if (this.#peer !== peer) return;
      await peer.setRemoteDescription({ type: "answer", sdp: answer });
    } catch (error) {
      this.#retry(peer, error instanceof Error ? error.message : String(error));
    }
  }

  /** @param {RTCPeerConnection} peer */
  #receiveTracks(peer) {
    const stream = new MediaStream();
    for (const kind of ["video", "audio"]) {
      const { receiver } = peer.addTransceiver(kind, { direction: "recvonly" });
      stream.addTrack(receiver.track);
    }
    peer.addEventListener("connectionstatechange", () => this.#follow(peer, stream));
  }

  /** @param {RTCPeerConnection} peer @param {MediaStream} stream */
  #follow(peer, stream) {
    if (this.#peer !== peer) return;
    const state = peer.connectionState;
    if (state === "connected") {
      clearTimeout(this.#timer);
      if (this.#state === "connecting") this.#begin(peer, stream);
      this.#failures = 0;
      this.#enter("live");
    } else if (state === "disconnected") {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#retry(peer, "The connection was lost."), DISCONNECTED_GRACE_MS);
    } else if (state === "failed" || state === "closed") {
      this.#retry(peer, "The connection was lost.");
    }
  }

  /**
   * Hands the stream over, and watches that packets keep coming: the server sends sound all the time, and
   * browsers take long to notice that the other side has gone.
   * @param {RTCPeerConnection} peer @param {MediaStream} stream
   */
  #begin(peer, stream) {
    this.#listeners.onStream?.(stream);
    let received = -1;
    let silentChecks = 0;
    this.#watch = setInterval(async () => {
      const before = received;
      received = await packetsReceived(peer);
      silentChecks = received === before ? silentChecks + 1 : 0;
      if (silentChecks >= SILENT_CHECKS) this.#retry(peer, "The server stopped sending.");
    }, WATCH_INTERVAL_MS);
  }

  /**
   * Posts the offer; remembers the session's address.
   * @param {RTCPeerConnection} peer
   * @returns {Promise<string>} the SDP answer
   */
  async #exchange(peer) {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: peer.localDescription?.sdp ?? "",
      signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS),
    }).catch(() => {
      throw new Error("The server cannot be reached.");
    });
    if (!response.ok) throw new Error(await refusal(response));
    const location = response.headers.get("Location");
    const session = location === null ? null : new URL(location, response.url).href;
    if (this.#peer === peer) this.#session = session;
    else void endSession(session);
    return response.text();
  }

  /** @param {RTCPeerConnection} peer @param {string} reason */
  #retry(peer, reason) {
    if (this.#peer !== peer) return;
    if (this.#state === "live") this.#session = null; // the server ended it, or finds out by itself
    this.#release();
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS) * (0.75 + Math.random() / 2);
    this.#failures += 1;
    this.#enter("waiting", reason);
    this.#timer = setTimeout(() => void this.#connect(), pause);
  }

  #release() {
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    const peer = this.#peer;
    void endSession(this.#session).finally(() => peer?.close());
    this.#peer = null;
    this.#session = null;
  }
}

/**
 * Resolves when all candidates are in the local description, or soon after if one lags.
 * @param {RTCPeerConnection} peer
 * @returns {Promise<void>}
 */
function gatheringComplete(peer) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, GATHERING_TIMEOUT_MS);
    const check = () => {
      if (peer.iceGatheringState !== "complete") return;
      clearTimeout(timer);
      resolve();
    };
    peer.addEventListener("icegatheringstatechange", check);
    check();
  });
}

/** @param {RTCPeerConnection} peer @returns {Promise<number>} of all tracks together */
async function packetsReceived(peer) {
  let packets = 0;
  for (const report of (await peer.getStats()).values()) {
    if (report.type === "inbound-rtp") packets += report.packetsReceived;
  }
  return packets;
}

/** @param {Response} response @returns {Promise<string>} the server's own words, if it has any */
async function refusal(response) {
  try {
    return (await response.json()).error.message;
  } catch {
    return `The server answered ${response.status}.`;
  }
}

/** Tells the server, if it can be told. @param {string | null} session */
async function endSession(session) {
  if (session !== null) await fetch(session, { method: "DELETE", keepalive: true }).catch(() => {});
}
