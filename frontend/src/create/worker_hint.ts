/** Whether a worker is there for a queue: what a waiting job waits for. */

import { isAtLeast, whoAmI } from "../account/me";
import { api } from "../api/client";

/**
 * Whether no worker of `queue` is alive; false also where that cannot be told.
 *
 * The figures tell it: `/readyz` would answer 503, which browsers log as an error of the page.
 */
export async function lacksWorker(queue: string): Promise<boolean> {
  // The figures are for administrators.
  if (!isAtLeast(await whoAmI(), "admin")) return false;
  try {
    const { data } = await api.GET("/metrics", { parseAs: "text" });
    const line = (data ?? "").split("\n").find((one) => one.startsWith(`neurflow_workers{queue="${queue}"}`));
    return line !== undefined && Number(line.split(" ")[1]) === 0;
  } catch {
    return false; // the stream of changes tells of a lost connection
  }
}
