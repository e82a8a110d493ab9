/** The page "New circuit". */

import { startPage } from "../base/page";
import { CreatePage } from "../create/create_page";

void new CreatePage(startPage()).open();
