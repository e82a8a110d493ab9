/** A page that only says something: the server wrote it. */

import { startPage } from "./page";

startPage();
