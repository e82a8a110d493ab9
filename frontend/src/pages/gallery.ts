/** The page of all circuits. Short, as each entry of the build is: it only starts the room behind it. */

import { GalleryPage } from "../gallery/gallery_page";
import { startPage } from "./page";

startPage().append(new GalleryPage(new AbortController().signal).element);
