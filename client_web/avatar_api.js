// @ts-check
/** The server's JSON API, one method per call. Every method rejects with an ApiError that is fit to be shown. */

/** @typedef {{ id: string, character: string, title: string, whep: string, websocket: string }} AvatarInfo */
/** @typedef {{ name: string, title: string, preview: string, problem: string | null }} CharacterInfo */

export const ROOT = "/api/v1";

export class ApiError extends Error {
  /** @param {string} message @param {string} code */
  constructor(message, code) {
    super(message);
    this.name = "ApiError";
    this.code = code;
  }

  /** @param {Response} response one that is not ok @returns {Promise<ApiError>} in the server's own words, if it has any */
  static async from(response) {
    const answer = await response.json().catch(() => null);
    return new ApiError(
      answer?.error?.message ?? `The server answered ${response.status}.`,
      answer?.error?.code ?? "unknown",
    );
  }
}

/** @returns {Promise<AvatarInfo[]>} the living avatars; the first is the default one */
export async function listAvatars() {
  return (await call("GET", "/avatars")).avatars;
}

/** @returns {Promise<CharacterInfo[]>} */
export async function listCharacters() {
  return (await call("GET", "/characters")).characters;
}

/** @returns {Promise<string[]>} */
export async function listEmotions() {
  return (await call("GET", "/emotions")).names;
}

/** @param {string} character @returns {Promise<AvatarInfo>} */
export function createAvatar(character) {
  return call("POST", "/avatars", { character });
}

/** Ends an avatar. @param {string} avatarId */
export function removeAvatar(avatarId) {
  return call("DELETE", `/avatars/${encodeURIComponent(avatarId)}`);
}

/** @param {string} avatarId @param {string} text */
export function speak(avatarId, text) {
  return call("POST", `/avatars/${encodeURIComponent(avatarId)}/speak`, { text });
}

/** @param {string} avatarId */
export function interrupt(avatarId) {
  return call("POST", `/avatars/${encodeURIComponent(avatarId)}/interrupt`);
}

/** @param {string} avatarId @param {string} emotion */
export function setEmotion(avatarId, emotion) {
  return call("POST", `/avatars/${encodeURIComponent(avatarId)}/emotion`, { emotion });
}

/**
 * @param {string} method
 * @param {string} path below the API's root
 * @param {object} [body] sent as JSON
 * @returns {Promise<any>} the answer's JSON; undefined when there is none
 */
export async function call(method, path, body) {
  /** @type {Response} */
  let response;
  try {
    response = await fetch(ROOT + path, {
      method,
      headers: body === undefined ? {} : { "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new ApiError("The server cannot be reached.", "unreachable");
  }
  if (response.ok) return response.status === 204 ? undefined : response.json();
  throw await ApiError.from(response);
}
