// @ts-check
/** A rectangle over a picture that marks the head: dragged, resized at its corners, or moved by the arrow keys. */

/** @typedef {import("./compile_api.js").PictureArea} PictureArea */

const CORNERS = /** @type {const} */ (["nw", "ne", "sw", "se"]);
const LEAST_PX = 24;
/** Share of the box by which an arrow key moves or resizes it. */
const KEY_STEP = 0.02;

export class HeadBox {
  #box;
  #picture;
  #onChange;
  /** @type {PictureArea} */
  #area = { left_px: 0, top_px: 0, width_px: 1, height_px: 1 };
  #width = 1;
  #height = 1;

  /**
   * @param {HTMLElement} picture whose own box is that of the picture; the rectangle is added to it
   * @param {(area: PictureArea) => void} onChange called when the user has moved it
   */
  constructor(picture, onChange) {
    this.#picture = picture;
    this.#onChange = onChange;
    this.#box = document.createElement("div");
    this.#box.className = "head-box";
    this.#box.tabIndex = 0;
    this.#box.setAttribute("role", "group");
    this.#box.setAttribute("aria-label", "Head: arrow keys move it, with Shift they change its size");
    for (const corner of CORNERS) {
      const handle = document.createElement("span");
      handle.className = `handle ${corner}`;
      handle.addEventListener("pointerdown", (event) => this.#grab(event, corner));
      this.#box.append(handle);
    }
    this.#box.addEventListener("pointerdown", (event) => this.#grab(event, null));
    this.#box.addEventListener("keydown", (event) => this.#key(event));
    picture.append(this.#box);
  }

  get area() {
    return this.#area;
  }

  /** @param {PictureArea} area @param {number} width of the picture, px @param {number} height of the picture, px */
  show(area, width, height) {
    this.#width = width;
    this.#height = height;
    this.#place(area);
  }

  /** @param {PictureArea} area */
  #place(area) {
    this.#area = area;
    const { style } = this.#box;
    style.left = `${(100 * area.left_px) / this.#width}%`;
    style.top = `${(100 * area.top_px) / this.#height}%`;
    style.width = `${(100 * area.width_px) / this.#width}%`;
    style.height = `${(100 * area.height_px) / this.#height}%`;
  }

  /** @param {PointerEvent} event @param {(typeof CORNERS)[number] | null} corner null moves the whole */
  #grab(event, corner) {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    this.#box.focus();
    const { clientX, clientY } = event;
    const start = this.#area;
    const scale = this.#width / this.#picture.getBoundingClientRect().width;
    const drag = (/** @type {PointerEvent} */ moved) => {
      this.#place(
        this.#moved(start, (moved.clientX - clientX) * scale, (moved.clientY - clientY) * scale, corner),
      );
    };
    const drop = () => {
      removeEventListener("pointermove", drag);
      removeEventListener("pointerup", drop);
      removeEventListener("pointercancel", drop);
      if (this.#area !== start) this.#onChange(this.#area);
    };
    addEventListener("pointermove", drag);
    addEventListener("pointerup", drop);
    addEventListener("pointercancel", drop);
  }

  /**
   * @param {PictureArea} from @param {number} dx @param {number} dy both in px of the picture
   * @param {(typeof CORNERS)[number] | null} corner
   * @returns {PictureArea}
   */
  #moved(from, dx, dy, corner) {
    let [left, top] = [from.left_px, from.top_px];
    let [right, bottom] = [left + from.width_px, top + from.height_px];
    if (corner === null) {
      dx = clamp(dx, -from.width_px / 2 - left, this.#width - from.width_px / 2 - left);
      dy = clamp(dy, -from.height_px / 2 - top, this.#height - from.height_px / 2 - top);
      [left, right, top, bottom] = [left + dx, right + dx, top + dy, bottom + dy];
    } else {
      if (corner.includes("w")) left = Math.min(left + dx, right - LEAST_PX);
      if (corner.includes("e")) right = Math.max(right + dx, left + LEAST_PX);
      if (corner.includes("n")) top = Math.min(top + dy, bottom - LEAST_PX);
      if (corner.includes("s")) bottom = Math.max(bottom + dy, top + LEAST_PX);
    }
    return { left_px: left, top_px: top, width_px: right - left, height_px: bottom - top };
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (direction === undefined) return;
    event.preventDefault();
    const step = KEY_STEP * this.#area.height_px;
    const [dx, dy] = direction.map((sign) => sign * step);
    this.#place(this.#moved(this.#area, dx, dy, event.shiftKey ? "se" : null));
    this.#onChange(this.#area);
  }
}

/** @param {number} value @param {number} low @param {number} high */
function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}
