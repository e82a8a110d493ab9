/** The page "New circuit". */

import { startPage } from "./page";
import { CreatePage } from "../create/create_page";

void new CreatePage(startPage()).open();
