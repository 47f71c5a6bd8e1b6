// @ts-check
/** Listens to what an avatar does, over its websocket; connects again whenever the connection ends. */

/**
 * @typedef {object} AvatarEvent
 * @property {string} event "speaking-started", "viseme", "speaking-finished", "speech-warning", "speech-failed" or "error"
 * @property {string} [text] what is being said
 * @property {number} [utterance_id]
 * @property {string} [message]
 */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8000;

export class AvatarEvents {
  #url;
  #onEvent;
  /** @type {WebSocket | null} */
  #socket = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #failures = 0;
  #destroyed = false;

  /**
   * @param {string} path address of the websocket on this server
   * @param {(event: AvatarEvent) => void} onEvent
   */
  constructor(path, onEvent) {
    const url = new URL(path, location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    this.#url = url.href;
    this.#onEvent = onEvent;
    this.#connect();
  }

  destroy() {
    this.#destroyed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #connect() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => (this.#failures = 0));
    socket.addEventListener("message", (message) => {
      if (!this.#destroyed) this.#onEvent(JSON.parse(message.data));
    });
    socket.addEventListener("close", () => this.#retry());
  }

  #retry() {
    if (this.#destroyed) return;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS);
    this.#failures += 1;
    this.#timer = setTimeout(() => this.#connect(), pause);
  }
}
