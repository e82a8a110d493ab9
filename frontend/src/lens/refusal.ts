/** What is said of an image that was not taken. */

import { Problem } from "../api/client";

/** Kinds of pictures that the server reads. */
const KINDS = "BMP, GIF, JPEG, PNG, PPM, TIFF and WebP";

/** Why a file is not worth sending; null where it may be an image. */
export function unfit(file: File): string | null {
  if (file.size === 0) return `“${file.name}” is empty.`;
  if (file.type === "" || file.type.startsWith("image/")) return null;
  return `“${file.name}” is not an image: ${KINDS} can be looked at.`;
}

/** `“notes.png” was not taken. Wrong type: it is no image.` */
export function refusal(name: string, { title, detail }: Pick<Problem, "title" | "detail">): string {
  const why = detail && detail !== title ? `${title}: ${detail}` : title;
  return `“${name}” was not taken. ${why}${/[.!?]$/.test(why) ? "" : "."}`;
}
