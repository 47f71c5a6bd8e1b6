// @ts-check
/** Hands a picture that was dropped on one page over to the next one. */

const CACHE = "kuchipaku-dropped";
const KEY = "/dropped-picture";

/** @param {DataTransfer | null} transfer @returns {File | null} the first picture in it */
export function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/")) ?? null;
}

/** Keeps a picture; browsers offer that on this machine and over https only. @param {File} picture */
export async function keep(picture) {
  if (!("caches" in globalThis)) return;
  await (await caches.open(CACHE)).put(KEY, new Response(picture));
}

/** @returns {Promise<Blob | null>} the kept picture, once */
export async function take() {
  if (!("caches" in globalThis)) return null;
  const kept = await caches.match(KEY, { cacheName: CACHE });
  await caches.delete(CACHE);
  return kept === undefined ? null : kept.blob();
}
