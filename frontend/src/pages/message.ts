/** A page that only says something: the server wrote it. Short, as each entry of the build is. */

import "../base/glossary.css";
import { startPage } from "./page";

startPage();
