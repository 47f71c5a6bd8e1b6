// @ts-check
/** The OBS page: nothing but the character named in the address, sound on. */

import { AvatarView } from "./avatar_view.js";

const avatarId = location.pathname.split("/").filter(Boolean).at(-1) ?? "";
const canvas = /** @type {HTMLCanvasElement} */ (document.getElementById("character"));
const view = new AvatarView(canvas, `/whep/${avatarId}`, {
  onState: (state) => (document.documentElement.dataset.state = state),
});
void view.setMuted(false);

// In an ordinary browser sound must wait for a click or a key; OBS allows it at once.
for (const gesture of ["pointerdown", "keydown"]) addEventListener(gesture, () => void view.setMuted(false));
addEventListener("pagehide", () => view.destroy());
addEventListener("pageshow", (event) => event.persisted && location.reload());
