/**
 * The page of one circuit, `/circuits/{id}`, and of a view that came by a link: `/s/{token}`, `/embed/{token}`. Short:
 * an entry.
 */

import { byId } from "../base/dom";
import { Explorer } from "../explorer/controller";
import { anyKept } from "../explorer/graph/kept_orders";
import { startEngine } from "../explorer/graph/layout";
import { readShared, SharedSide } from "../sharing/shared_side";
import { startPage } from "./page";

// It starts slowly, in a thread of its own: before the circuit is here, rather than after.
if (!anyKept()) startEngine();
const main = byId("main");
const page = readShared(main);
// Within a page of another site there is no head.
if (!page?.embedded) startPage();
const id = page?.circuit ?? decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
new Explorer(main, id, page && new SharedSide(main, page)).start();
