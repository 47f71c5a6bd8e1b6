// @ts-check
/** The page on which a picture becomes a character: choose, place the head, watch it come alive. */

import * as api from "./avatar_api.js";
import { AvatarView } from "./avatar_view.js";
import * as compiles from "./compile_api.js";
import { pictureIn, take } from "./dropped_picture.js";
import { element } from "./elements.js";
import { HeadBox } from "./head_box.js";

const GREETING = "Hello! It is nice to meet you. I am alive.";
const SETTLE_MS = 400;
const ENDED = ["finished", "failed", "cancelled"];

class NewCharacter {
  #sheet = element("sheet", HTMLElement);
  #image = element("picture", HTMLImageElement);
  #seen = element("seen", HTMLElement);
  #canvas = element("character", HTMLCanvasElement);
  #drop = element("drop", HTMLElement);
  #file = element("file", HTMLInputElement);
  #place = element("place", HTMLFormElement);
  #advice = element("advice", HTMLElement);
  #remove = element("remove", HTMLInputElement);
  #toleranceRow = element("tolerance-row", HTMLElement);
  #tolerance = element("tolerance", HTMLInputElement);
  #title = element("title", HTMLInputElement);
  #start = element("start", HTMLButtonElement);
  #progress = element("progress", HTMLElement);
  #headline = element("headline", HTMLElement);
  #bar = element("bar", HTMLProgressElement);
  #words = element("words", HTMLElement);
  #hello = element("hello", HTMLButtonElement);
  #stage = element("stage", HTMLAnchorElement);
  #adjust = element("adjust", HTMLButtonElement);
  #stop = element("stop", HTMLButtonElement);
  #discard = element("discard", HTMLButtonElement);
  #next = element("next", HTMLButtonElement);
  #busy = element("busy", HTMLElement);
  #problem = element("problem", HTMLElement);
  #about = element("about", HTMLElement);
  #box = new HeadBox(this.#sheet, () => this.#examineSoon());
  /** @type {Blob | null} */
  #picture = null;
  /** @type {compiles.PictureInfo | null} */
  #info = null;
  /** Whether what the server says of the picture is shown, for the head as it is marked now. */
  #advised = false;
  /** Whether the button says that nothing good can come of the picture. */
  #unfit = false;
  /** @type {compiles.CompileInfo | null} */
  #compile = null;
  /** @type {api.AvatarInfo | null} */
  #avatar = null;
  /** @type {AvatarView | null} */
  #view = null;
  /** Id of the compile whose character was brought to life. */
  #met = "";
  #unfollow = () => {};
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** Answers to older questions are not shown. */
  #question = 0;

  constructor() {
    this.#file.addEventListener("change", () => this.#file.files?.[0] && void this.#choose(this.#file.files[0]));
    addEventListener("dragover", (event) => this.#dragOver(event));
    addEventListener("dragleave", () => document.body.classList.remove("dropping"));
    addEventListener("drop", (event) => this.#dropped(event));
    addEventListener("paste", (event) => this.#take(pictureIn(event.clipboardData)));
    this.#remove.addEventListener("change", () => void this.#look(true));
    this.#tolerance.addEventListener("change", () => void this.#look(true));
    this.#place.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#begin();
    });
    this.#hello.addEventListener("click", () => void this.#greet());
    this.#adjust.addEventListener("click", () => this.#show("place"));
    this.#stop.addEventListener("click", () => void this.#halt());
    this.#discard.addEventListener("click", () => void this.#throwAway());
    element("another", HTMLButtonElement).addEventListener("click", () => this.#reset());
    this.#next.addEventListener("click", () => this.#reset());
    addEventListener("pagehide", () => this.#view?.destroy());
    addEventListener("pageshow", (event) => event.persisted && location.reload());
  }

  /** Begins with the picture that was dropped on another page, if there was one. */
  async begin() {
    this.#take(await take());
  }

  /** @param {Blob | null} picture */
  #take(picture) {
    if (picture !== null && this.#compile === null) void this.#choose(picture);
  }

  /** @param {DragEvent} event */
  #dragOver(event) {
    event.preventDefault();
    document.body.classList.add("dropping");
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    event.preventDefault();
    document.body.classList.remove("dropping");
    const picture = pictureIn(event.dataTransfer);
    if (picture === null) this.#report("That is no picture. Drop a PNG, WebP, AVIF or JPEG file.");
    this.#take(picture);
  }

  /** @param {Blob} picture */
  async #choose(picture) {
    this.#picture = picture;
    this.#remove.checked = false;
    this.#info = null;
    if (this.#title.value === "" && picture instanceof File) this.#title.value = titleFrom(picture.name);
    await this.#look(true);
  }

  get #wantedTolerance() {
    return this.#remove.checked ? Number(this.#tolerance.value) : null;
  }

  /** After the head was moved: asks again when the hand has come to rest. */
  #examineSoon() {
    clearTimeout(this.#timer);
    this.#advised = false;
    this.#timer = setTimeout(() => void this.#look(false), SETTLE_MS);
  }

  /** Answers that are still to come are not shown. */
  #forgetQuestions() {
    clearTimeout(this.#timer);
    this.#question += 1;
    this.#wait("");
  }

  /**
   * Asks the server about the picture, and shows what it says.
   * @param {boolean} anew also the picture itself; and the head is found by the server
   */
  async #look(anew) {
    const picture = this.#picture;
    if (picture === null) return;
    this.#toleranceRow.hidden = !this.#remove.checked;
    const question = ++this.#question;
    this.#advised = false;
    const tolerance = this.#wantedTolerance;
    this.#wait(anew ? "Looking at the picture…" : "Looking again…");
    try {
      const image = anew ? await compiles.cutOut(picture, tolerance) : null;
      if (question !== this.#question) return;
      if (image !== null) await this.#showPicture(image);
      const info = await compiles.examine(picture, { head: anew ? null : this.#box.area, tolerance });
      if (question === this.#question) this.#showInfo(info);
    } catch (error) {
      if (question === this.#question) await this.#refuse(picture, error);
    }
  }

  /** @param {Blob} image */
  async #showPicture(image) {
    URL.revokeObjectURL(this.#image.src);
    this.#image.src = URL.createObjectURL(image);
    await this.#image.decode();
    this.#show("look");
  }

  /** @param {compiles.PictureInfo} info */
  #showInfo(info) {
    this.#info = info;
    this.#advised = true;
    this.#unfit = info.advice.some((advice) => advice.severity === "error");
    this.#start.textContent = this.#unfit ? "Bring to life anyway" : "Bring to life";
    this.#box.show(info.head, info.width_px, info.height_px);
    this.#showArea(this.#seen, info.seen, info);
    this.#showAdvice(info);
    this.#wait("");
    this.#report("");
    this.#show("place");
  }

  /** Lists what might be better, and marks it on the picture. @param {compiles.PictureInfo} info */
  #showAdvice(info) {
    for (const mark of this.#sheet.querySelectorAll(".mark")) mark.remove();
    this.#advice.replaceChildren();
    for (const advice of info.advice) {
      const item = adviceItem(advice);
      this.#advice.append(item);
      if (advice.area === null) continue;
      const mark = document.createElement("div");
      mark.className = "mark";
      mark.dataset.severity = advice.severity;
      this.#showArea(mark, advice.area, info);
      this.#seen.after(mark);
      item.addEventListener("pointerenter", () => mark.classList.add("shown"));
      item.addEventListener("pointerleave", () => mark.classList.remove("shown"));
    }
  }

  /** @param {HTMLElement} frame @param {compiles.PictureArea} area @param {compiles.PictureInfo} info */
  #showArea(frame, area, info) {
    const left = Math.max(0, area.left_px);
    const top = Math.max(0, area.top_px);
    frame.style.left = `${(100 * left) / info.width_px}%`;
    frame.style.top = `${(100 * top) / info.height_px}%`;
    frame.style.width = `${(100 * (Math.min(info.width_px, area.left_px + area.width_px) - left)) / info.width_px}%`;
    frame.style.height = `${(100 * (Math.min(info.height_px, area.top_px + area.height_px) - top)) / info.height_px}%`;
  }

  /** A picture without transparency gets its background removed at once; all else is told. @param {Blob} picture @param {unknown} error */
  async #refuse(picture, error) {
    this.#wait("");
    if (error instanceof api.ApiError && error.code === "opaque-picture" && !this.#remove.checked) {
      this.#remove.checked = true;
      await this.#look(true);
      return;
    }
    if (this.#info === null && this.#picture === picture) this.#show(this.#remove.checked ? "place" : "choose");
    this.#fail(error);
  }

  /** Starts the compile, or the one that runs anew with another head. */
  async #begin() {
    const picture = this.#picture;
    if (picture === null || this.#info === null) return;
    this.#start.disabled = true;
    this.#forgetQuestions();
    try {
      const head = this.#box.area;
      const choices = { head, tolerance: this.#wantedTolerance };
      const anyway = this.#advised || this.#unfit;
      this.#compile =
        this.#compile === null
          ? await compiles.createCharacter(picture, choices, this.#title.value.trim(), anyway)
          : await compiles.correctHead(this.#compile.id, head);
      this.#report("");
      this.#follow(this.#compile);
    } catch (error) {
      if (error instanceof api.ApiError && error.code === "unfit-picture") await this.#look(false);
      else this.#fail(error);
    } finally {
      this.#start.disabled = false;
    }
  }

  /** @param {compiles.CompileInfo} compile */
  #follow(compile) {
    this.#unfollow();
    this.#unfollow = compiles.followCompile(
      compile,
      (told) => void this.#tell(told),
      (message) => this.#report(message),
    );
    void this.#tell(compile);
    this.#show("progress");
  }

  /** @param {compiles.CompileInfo} compile */
  async #tell(compile) {
    this.#compile = compile;
    const ended = ENDED.includes(compile.state);
    this.#headline.textContent = headline(compile);
    this.#bar.hidden = ended;
    this.#bar.value = compile.fraction;
    this.#words.textContent = compile.error?.message ?? (ended ? "" : details(compile));
    this.#stop.hidden = ended;
    this.#next.hidden = !ended;
    this.#discard.hidden = !ended || !compile.usable;
    this.#about.hidden = compile.usable;
    if (!compile.error) this.#report("");
    if (compile.usable) await this.#meet(compile);
  }

  /** Shows the living character. @param {compiles.CompileInfo} compile */
  async #meet(compile) {
    if (this.#met === compile.id) return;
    this.#met = compile.id;
    try {
      const avatar = await api.createAvatar(compile.character);
      if (this.#compile?.id !== compile.id) return void (await api.removeAvatar(avatar.id));
      this.#avatar = avatar;
      this.#canvas.setAttribute("aria-label", `${compile.title}, live`);
      this.#view = new AvatarView(this.#canvas, avatar.whep, {
        onState: (state) => {
          document.body.dataset.live = state;
          if (state === "live") this.#show("progress");
        },
      });
      void this.#view.setMuted(false);
      this.#hello.hidden = false;
      this.#stage.hidden = false;
      this.#stage.href = `/?character=${encodeURIComponent(compile.character)}`;
    } catch (error) {
      this.#fail(error);
    }
  }

  async #greet() {
    if (this.#avatar === null) return;
    await this.#view?.setMuted(false);
    await api.speak(this.#avatar.id, GREETING).catch((error) => this.#fail(error));
  }

  async #halt() {
    if (this.#compile === null) return;
    const { id } = this.#compile;
    try {
      await this.#tell(await compiles.stopCompile(id));
    } catch (error) {
      this.#fail(error);
    }
  }

  async #throwAway() {
    const compile = this.#compile;
    if (compile === null || !confirm(`Remove ${compile.title} for good?`)) return;
    try {
      await compiles.removeCharacter(compile.character);
      this.#reset();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Everything from the start; the character that was made lives on only if it is shown elsewhere. */
  #reset() {
    this.#unfollow();
    this.#view?.destroy();
    if (this.#avatar !== null) void api.removeAvatar(this.#avatar.id).catch(() => {});
    this.#view = null;
    this.#avatar = this.#compile = this.#info = this.#picture = null;
    this.#forgetQuestions();
    this.#file.value = this.#title.value = "";
    this.#hello.hidden = this.#stage.hidden = true;
    this.#about.hidden = false;
    this.#report("");
    this.#show("choose");
  }

  /** @param {"choose" | "look" | "place" | "progress"} step */
  #show(step) {
    document.body.dataset.step = step;
    const alive = step === "progress" && document.body.dataset.live === "live" && this.#view !== null;
    this.#drop.hidden = step !== "choose";
    this.#sheet.hidden = step === "choose" || alive;
    this.#canvas.hidden = !alive;
    this.#place.hidden = step !== "place";
    this.#progress.hidden = step !== "progress";
    this.#sheet.classList.toggle("fixed", step !== "place");
    this.#title.disabled = this.#remove.disabled = this.#tolerance.disabled = this.#compile !== null;
  }

  /** @param {string} words what is being waited for; "" when nothing is */
  #wait(words) {
    this.#busy.textContent = words;
    this.#busy.hidden = words === "";
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

/** @param {compiles.Advice} advice */
function adviceItem(advice) {
  const item = document.createElement("li");
  item.dataset.severity = advice.severity;
  const remedy = document.createElement("small");
  item.textContent = advice.reason;
  remedy.textContent = advice.remedy;
  item.append(remedy);
  return item;
}

/** @param {compiles.CompileInfo} compile */
function headline({ state, usable, title, jobs_ahead }) {
  if (state === "failed") return usable ? `${title} is alive, but could not be finished` : "That did not work";
  if (state === "cancelled") return usable ? `${title} is alive, unfinished` : "Stopped";
  if (state === "finished") return `${title} is finished`;
  if (usable) return `${title} is alive and getting better`;
  if (state === "waiting") return jobs_ahead > 0 ? `${jobs_ahead} before ${title}` : "In a moment";
  return `${title} is coming to life`;
}

/** @param {compiles.CompileInfo} compile */
function details({ words, seconds_left }) {
  const sentence = words[0].toUpperCase() + words.slice(1);
  return seconds_left === null ? `${sentence}…` : `${sentence} · ${duration(seconds_left)} left`;
}

/** @param {number} seconds */
function duration(seconds) {
  return seconds < 90 ? `${Math.max(1, Math.round(seconds))} s` : `${Math.round(seconds / 60)} min`;
}

/** A name for people from a file's name. @param {string} fileName */
function titleFrom(fileName) {
  const plain = fileName.replace(/\.[^.]*$/, "").replace(/[_\-\s]+/g, " ").trim();
  return plain.slice(0, 80).replace(/^./, (letter) => letter.toUpperCase());
}

void new NewCharacter().begin();
