// @ts-check
/** The emotion buttons: the most used first, the others behind "More". */

const FAVOURITES = ["neutral", "joy", "amusement", "love", "surprise", "curiosity", "sadness", "anger"];

export class EmotionChips {
  #element;
  #onChoose;
  /** @type {Map<string, HTMLButtonElement>} */
  #chips = new Map();

  /**
   * @param {HTMLElement} element the group that holds the buttons
   * @param {(emotion: string) => void} onChoose
   */
  constructor(element, onChoose) {
    this.#element = element;
    this.#onChoose = onChoose;
  }

  /** @param {string[]} emotions names of all emotions, as the server lists them */
  show(emotions) {
    const first = FAVOURITES.filter((name) => emotions.includes(name));
    const others = emotions.filter((name) => !first.includes(name)).sort();
    const more = button("More", "chip more");
    const rest = others.map((name) => this.#chip(name));
    const toggle = () => {
      const open = this.#element.classList.toggle("open");
      for (const chip of rest) chip.hidden = !open;
      more.textContent = open ? "Fewer" : `${rest.length} more`;
      more.setAttribute("aria-expanded", String(open));
    };
    more.addEventListener("click", toggle);
    this.#element.replaceChildren(...first.map((name) => this.#chip(name)), ...rest, more);
    this.#element.classList.add("open");
    toggle();
    this.mark(null);
  }

  /** Shows which emotion was chosen. @param {string | null} emotion null while none was */
  mark(emotion) {
    for (const [name, chip] of this.#chips) chip.setAttribute("aria-pressed", String(name === emotion));
  }

  /** @param {string} name */
  #chip(name) {
    const chip = button(name[0].toUpperCase() + name.slice(1), "chip");
    chip.addEventListener("click", () => this.#onChoose(name));
    this.#chips.set(name, chip);
    return chip;
  }
}

/** @param {string} text @param {string} className */
function button(text, className) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = text;
  return element;
}
