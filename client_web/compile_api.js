// @ts-check
/** The part of the server's API that makes characters from pictures. */

import { ApiError, call, ROOT } from "./avatar_api.js";

/** @typedef {{ left_px: number, top_px: number, width_px: number, height_px: number }} PictureArea */
/** @typedef {{ code: string, severity: string, reason: string, remedy: string, area: PictureArea | null }} Advice */

/**
 * @typedef {object} PictureInfo
 * @property {number} width_px
 * @property {number} height_px
 * @property {PictureArea} head
 * @property {PictureArea} seen
 * @property {Advice[]} advice
 */

/**
 * @typedef {object} CompileInfo
 * @property {string} id
 * @property {string} character
 * @property {string} title
 * @property {"waiting" | "running" | "finished" | "failed" | "cancelled"} state
 * @property {number} jobs_ahead
 * @property {boolean} usable
 * @property {string} quality
 * @property {string} words
 * @property {number} fraction
 * @property {number | null} seconds_left
 * @property {PictureArea | null} head
 * @property {{ code: string, message: string } | null} error
 * @property {string} events
 */

/**
 * What the server is told about a picture.
 * @typedef {object} PictureChoices
 * @property {PictureArea | null} head null lets the server find it
 * @property {number | null} tolerance of the background to remove; null leaves it
 */

/** @param {Blob} picture @param {PictureChoices} choices @returns {Promise<PictureInfo>} */
export function examine(picture, choices) {
  return post("/pictures/examine", picture, query(choices));
}

/**
 * The picture as the server uses it.
 * @param {Blob} picture
 * @param {number | null} tolerance
 * @returns {Promise<Blob>} PNG
 */
export async function cutOut(picture, tolerance) {
  const response = await send("/pictures/cut-out", picture, query({ head: null, tolerance }));
  return response.blob();
}

/**
 * @param {Blob} picture
 * @param {PictureChoices} choices
 * @param {string} title
 * @param {boolean} anyway also when nothing good can come of it; the server does not look again then
 * @returns {Promise<CompileInfo>}
 */
export function createCharacter(picture, choices, title, anyway) {
  const fields = query(choices);
  fields.set("title", title);
  fields.set("anyway", String(anyway));
  return post("/characters", picture, fields);
}

/** @param {string} id @param {PictureArea} head @returns {Promise<CompileInfo>} */
export function correctHead(id, head) {
  return call("PUT", `/compiles/${encodeURIComponent(id)}/head`, head);
}

/** @param {string} id @returns {Promise<CompileInfo>} */
export function stopCompile(id) {
  return call("DELETE", `/compiles/${encodeURIComponent(id)}`);
}

/** @param {string} name */
export function removeCharacter(name) {
  return call("DELETE", `/characters/${encodeURIComponent(name)}`);
}

/**
 * Tells about a compile until it ends.
 * @param {CompileInfo} compile
 * @param {(compile: CompileInfo) => void} onChange
 * @param {(message: string) => void} onLost the server cannot be reached, or knows the compile no longer
 * @returns {() => void} stops it
 */
export function followCompile(compile, onChange, onLost) {
  const source = new EventSource(compile.events);
  source.addEventListener("progress", (event) => {
    /** @type {CompileInfo} */
    const told = JSON.parse(event.data);
    if (!["waiting", "running"].includes(told.state)) source.close();
    onChange(told);
  });
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) onLost("The server no longer knows this compile.");
    else onLost("The connection was lost. Trying again.");
  });
  return () => source.close();
}

/** @param {PictureChoices} choices */
function query({ head, tolerance }) {
  const fields = new URLSearchParams();
  if (head !== null) fields.set("head", [head.left_px, head.top_px, head.width_px, head.height_px].join(","));
  if (tolerance !== null) fields.set("background_tolerance", String(tolerance));
  return fields;
}

/** @param {string} path @param {Blob} picture @param {URLSearchParams} fields @returns {Promise<any>} */
async function post(path, picture, fields) {
  return (await send(path, picture, fields)).json();
}

/** @param {string} path @param {Blob} picture @param {URLSearchParams} fields */
async function send(path, picture, fields) {
  const headers = { "Content-Type": picture.type.startsWith("image/") ? picture.type : "image/unknown" };
  /** @type {Response} */
  let response;
  try {
    response = await fetch(`${ROOT}${path}?${fields}`, { method: "POST", headers, body: picture });
  } catch {
    throw new ApiError("The server cannot be reached, or refused the picture for its size.", "unreachable");
  }
  if (!response.ok) throw await ApiError.from(response);
  return response;
}
