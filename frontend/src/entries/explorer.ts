/** The page of one circuit: `/circuits/{id}`. */

import { startPage } from "../base/page";
import { Explorer } from "../explorer/controller";
import { anyKept } from "../explorer/graph/kept_orders";
import { startEngine } from "../explorer/graph/layout";

// It starts slowly, in a thread of its own: before the circuit is here, rather than after.
if (!anyKept()) startEngine();
const id = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
new Explorer(startPage(), id).start();
