/** The page of all circuits. */

import { startPage } from "./page";
import { GalleryPage } from "../gallery/gallery_page";

startPage().append(new GalleryPage(new AbortController().signal).element);
