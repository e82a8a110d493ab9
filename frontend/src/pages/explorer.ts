/**
 * The page of one circuit, `/circuits/{id}`, and of a shared view, `/s/{token}` and `/embed/{token}`. Short, as each
 * entry of the build is.
 */

import { here } from "../api/address";
import { byId } from "../base/dom";
import { Explorer } from "../explorer/controller";
import { anyKept } from "../explorer/graph/kept_orders";
import { startEngine } from "../explorer/graph/layout";
import { readShared, SharedSide } from "../sharing/shared_side";
import { startPage } from "./page";

// The layout engine starts slowly, in its own thread, so it is started before the circuit is loaded.
if (!anyKept()) startEngine();
const main = byId("main");
const page = readShared(main);
// Frames in other sites have no head.
if (!page?.embedded) startPage();
const id = page?.circuit ?? decodeURIComponent(here().split("/").at(-1) ?? "");
new Explorer(main, id, page && new SharedSide(main, page)).start();
