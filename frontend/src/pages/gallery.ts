/** The page of all circuits. */

import { GalleryPage } from "../gallery/gallery_page";
import { startPage } from "./page";

startPage().append(new GalleryPage(new AbortController().signal).element);
