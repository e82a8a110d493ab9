/** The page of one circuit: `/circuits/{id}`. */

import { startPage } from "../base/page";
import { Explorer } from "../explorer/controller";

const id = decodeURIComponent(location.pathname.split("/").at(-1) ?? "");
new Explorer(startPage(), id).start();
