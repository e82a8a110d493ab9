/** The pages of networks and data sets: their lists, and each entry's page. Short, as each entry of the build is. */

import { here } from "../api/address";
import { DatasetPage } from "../library/dataset_page";
import { ListPage } from "../library/list_page";
import { NetworkPage } from "../library/network_page";
import { placeOf } from "../library/registry";
import { startPage } from "./page";

const { kind, id } = placeOf(here());
const { signal } = new AbortController();
const page =
  id === null
    ? new ListPage(kind, signal)
    : kind === "networks"
      ? new NetworkPage(id, signal)
      : new DatasetPage(id, signal);
startPage().append(page.element);
