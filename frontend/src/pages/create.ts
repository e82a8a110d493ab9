/** The page "New circuit". */

import { CreatePage } from "../create/create_page";
import { startPage } from "./page";

void new CreatePage(startPage()).open();
