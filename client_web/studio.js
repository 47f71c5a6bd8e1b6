// @ts-check
/** The page: a character, what it says, and how it feels. */

import * as api from "./avatar_api.js";
import { AvatarEvents } from "./avatar_events.js";
import { AvatarView } from "./avatar_view.js";
import { keep, pictureIn } from "./dropped_picture.js";
import { element } from "./elements.js";
import { EmotionChips } from "./emotion_chips.js";

/** @type {Record<import("./whep_client.js").WhepState, string>} */
const STATE_WORDS = {
  idle: "Starting",
  connecting: "Connecting",
  live: "Live",
  waiting: "Reconnecting",
  closed: "Closed",
};
const RETRY_MS = 2000;
const NOBODY = "No character is installed. `kuchipaku compile PICTURE.png --name NAME` makes one from a picture.";

class Studio {
  #canvas = element("character", HTMLCanvasElement);
  #status = element("status", HTMLElement);
  #state = element("state", HTMLElement);
  #figures = element("figures", HTMLElement);
  #sound = element("sound", HTMLButtonElement);
  #soundLabel = element("sound-label", HTMLElement);
  #picker = element("picker", HTMLElement);
  #characters = element("characters", HTMLSelectElement);
  #text = element("text", HTMLInputElement);
  #subtitle = element("subtitle", HTMLElement);
  #hint = element("hint", HTMLElement);
  #problem = element("problem", HTMLElement);
  #chips = new EmotionChips(element("emotions", HTMLElement), (emotion) => void this.#feel(emotion));
  /** @type {api.AvatarInfo | null} */
  #avatar = null;
  /** @type {AvatarView | null} */
  #view = null;
  /** @type {AvatarEvents | null} */
  #events = null;
  #wantsSound = true;

  constructor() {
    element("composer", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#speak();
    });
    element("stop", HTMLButtonElement).addEventListener("click", () => void this.#interrupt());
    this.#characters.addEventListener("change", () => void this.#switch(this.#characters.value));
    this.#sound.addEventListener("click", () => void this.#toggleSound());
    for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, this.#soundOnFirstGesture);
    addEventListener("dragover", (event) => event.preventDefault());
    addEventListener("drop", (event) => void this.#receive(event));
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  /** Shows the default avatar as soon as the server has one; asks again until then. */
  async start() {
    try {
      const [avatars, characters, emotions] = await Promise.all([
        api.listAvatars(),
        api.listCharacters(),
        api.listEmotions(),
      ]);
      const usable = characters.filter((character) => character.problem === null);
      if (avatars.length + usable.length === 0) throw new Error(NOBODY);
      const avatar = await this.#firstAvatar(avatars, usable);
      this.#chips.show(emotions);
      this.#offer(usable, avatar);
      this.#watch(avatar);
      this.#report("");
    } catch (error) {
      this.#fail(error);
      setTimeout(() => void this.start(), RETRY_MS);
    }
  }

  /**
   * The avatar of the character that the address asks for, or else the default one.
   * @param {api.AvatarInfo[]} avatars @param {api.CharacterInfo[]} usable
   */
  async #firstAvatar(avatars, usable) {
    const wanted = new URLSearchParams(location.search).get("character");
    const living = avatars.find((avatar) => avatar.character === wanted);
    if (living !== undefined) return living;
    if (usable.some(({ name }) => name === wanted)) return api.createAvatar(/** @type {string} */ (wanted));
    return avatars[0] ?? api.createAvatar(usable[0].name);
  }

  /** @param {api.CharacterInfo[]} characters @param {api.AvatarInfo} avatar */
  #offer(characters, avatar) {
    const options = characters.map(({ name, title }) => new Option(title, name, false, name === avatar.character));
    this.#characters.replaceChildren(...options);
    this.#picker.hidden = characters.length < 2;
  }

  /** @param {api.AvatarInfo} avatar */
  #watch(avatar) {
    this.#leave();
    this.#avatar = avatar;
    this.#canvas.setAttribute("aria-label", `${avatar.title}, live`);
    this.#view = new AvatarView(this.#canvas, avatar.whep, {
      onState: (state, detail) => this.#showState(state, detail),
      onReadout: (readout) => this.#showReadout(readout),
    });
    this.#events = new AvatarEvents(avatar.websocket, (event) => this.#hear(event));
  }

  #leave() {
    this.#view?.destroy();
    this.#events?.destroy();
  }

  /** @param {string} character */
  async #switch(character) {
    await this.#attempt(async () => {
      const muted = this.#view?.muted ?? true;
      const living = (await api.listAvatars()).find((avatar) => avatar.character === character);
      this.#watch(living ?? (await api.createAvatar(character)));
      this.#chips.mark(null);
      this.#subtitle.hidden = true;
      this.#showSound((await this.#view?.setMuted(muted)) ?? true);
    });
  }

  /** A picture that is dropped here becomes a new character on its own page. @param {DragEvent} event */
  async #receive(event) {
    event.preventDefault();
    const picture = pictureIn(event.dataTransfer);
    if (picture === null) return;
    await keep(picture);
    location.assign("/new");
  }

  async #speak() {
    const text = this.#text.value.trim();
    if (text === "" || this.#avatar === null) return;
    const { id } = this.#avatar;
    await this.#attempt(async () => {
      await api.speak(id, text);
      this.#text.value = "";
    });
  }

  async #interrupt() {
    if (this.#avatar === null) return;
    const { id } = this.#avatar;
    await this.#attempt(() => api.interrupt(id));
  }

  /** @param {string} emotion */
  async #feel(emotion) {
    if (this.#avatar === null) return;
    const { id } = this.#avatar;
    await this.#attempt(async () => {
      await api.setEmotion(id, emotion);
      this.#chips.mark(emotion);
    });
  }

  /** @param {import("./avatar_events.js").AvatarEvent} event */
  #hear(event) {
    if (event.event === "speaking-started") {
      /** @type {HTMLElement} */ (this.#subtitle.firstElementChild).textContent = event.text ?? "";
      this.#subtitle.hidden = false;
      this.#hint.hidden = true;
    } else if (event.event === "speaking-finished") {
      this.#subtitle.hidden = true;
    } else if (event.event === "speech-failed" || event.event === "speech-warning") {
      this.#report(event.message ?? "");
    }
  }

  async #toggleSound() {
    const muted = !(this.#view?.muted ?? true);
    this.#wantsSound = !muted;
    this.#showSound((await this.#view?.setMuted(muted)) ?? true);
  }

  /** Browsers allow sound only after a click or a key: the first one turns it on, unless it was turned off. */
  #soundOnFirstGesture = async (/** @type {Event} */ event) => {
    if (event.target instanceof Node && this.#sound.contains(event.target)) return;
    if (this.#wantsSound && this.#view?.muted) this.#showSound(await this.#view.setMuted(false));
  };

  /** @param {boolean} muted */
  #showSound(muted) {
    this.#sound.setAttribute("aria-pressed", String(!muted));
    this.#soundLabel.textContent = muted ? "Sound off" : "Sound on";
  }

  /** @param {import("./whep_client.js").WhepState} state @param {string} detail */
  #showState(state, detail) {
    this.#status.dataset.state = state;
    this.#state.textContent = STATE_WORDS[state];
    if (state !== "live") this.#figures.textContent = "";
    if (state === "waiting") this.#report(`${detail} Trying again.`);
    if (state === "live") this.#report("");
  }

  /** @param {import("./avatar_view.js").Readout} readout */
  #showReadout({ fps, delayMs }) {
    if (this.#status.dataset.state !== "live") return;
    const delay = delayMs === null ? "" : ` · ${Math.round(delayMs)} ms`;
    this.#figures.textContent = `${Math.round(fps)} fps${delay}`;
  }

  /** @param {() => Promise<void>} work */
  async #attempt(work) {
    try {
      await work();
      this.#report("");
    } catch (error) {
      this.#fail(error);
    }
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#report(error instanceof Error ? error.message : String(error));
  }

  /** @param {string} problem a sentence; "" clears it */
  #report(problem) {
    this.#problem.textContent = problem;
    this.#problem.hidden = problem === "";
  }
}

void new Studio().start();
