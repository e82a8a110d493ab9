/** The page "New circuit". Short, as each entry of the build is: it only starts the room behind it. */

import { CreatePage } from "../create/create_page";
import { startPage } from "./page";

void new CreatePage(startPage()).open();
