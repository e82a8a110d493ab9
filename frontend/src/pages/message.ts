/** A page with only a message, which the server writes. Short, as each entry of the build is. */

import "../base/glossary.css";
import { startPage } from "./page";

startPage();
