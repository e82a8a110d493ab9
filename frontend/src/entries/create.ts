import { startPage } from "../base/page";

startPage();
