/** The forms that add networks and data sets: by name, or from a file. */

import { seenBy, VISIBILITIES, type Visibility } from "../account/visibility_fields";
import { api, data } from "../api/client";
import type { Values, Way } from "../base/add_form";
import type { FieldSpec } from "../base/form_field";
import { upload } from "../base/upload";
import { CLASSES, INPUT_SIZE, MEAN, optionsOf, STD, text } from "./network_options";
import type { Entry, Kind } from "./registry";

const NAME: FieldSpec = { name: "name", label: "Name", kind: "text", hint: "The name to show." };

const NETWORK_BY_NAME: Way<Entry> = {
  title: "Network by name",
  intro: "The server loads the weights or downloads them.",
  fields: [
    {
      name: "spec",
      label: "Network",
      kind: "text",
      required: true,
      placeholder: "torchvision/resnet50",
      hint: "demo/photos, torchvision/NAME, torchvision/NAME:WEIGHTS, or timm/NAME.",
      options: [
        "demo/photos",
        "torchvision/resnet18",
        "torchvision/resnet50",
        "torchvision/googlenet",
        "torchvision/vit_b_16",
        "timm/resnet50",
      ],
    },
    NAME,
  ],
  more: [CLASSES, INPUT_SIZE, MEAN, STD],
  action: "Add network",
  send: (values, _sent, signal) => {
    const name = text(values, "name");
    const body = { spec: text(values, "spec"), ...(name && { name }), ...visibilityOf(values), ...optionsOf(values) };
    return data(api.POST("/api/v1/networks", { body, signal }));
  },
};

const NETWORK_BY_FILE: Way<Entry> = {
  title: "Your own weights",
  intro: "A network with a known architecture that you trained. Upload its state dict as a safetensors file.",
  fields: [
    {
      name: "file",
      label: "Weights",
      kind: "file",
      required: true,
      accept: ".safetensors",
      hint: "One .safetensors file. Pickle files (.pt, .pth) are rejected, because they can contain code.",
    },
    {
      name: "spec",
      label: "Architecture",
      kind: "text",
      required: true,
      placeholder: "torchvision/resnet50",
      hint: "The network that the weights belong to. The number of classes is read from the weights.",
      options: ["torchvision/resnet18", "torchvision/resnet50", "torchvision/vit_b_16", "timm/resnet50"],
    },
    NAME,
    CLASSES,
  ],
  more: [INPUT_SIZE],
  action: "Upload weights",
  send: (values, sent, signal) => post("/api/v1/uploads/networks", values, sent, signal),
};

const DATASET_BY_NAME: Way<Entry> = {
  title: "Data set by name",
  intro: "A data set from torchvision, or a folder on the server with one subfolder of images for each class.",
  fields: [
    {
      name: "spec",
      label: "Data set",
      kind: "text",
      required: true,
      placeholder: "torchvision/CIFAR10",
      hint: "demo/photos, torchvision/NAME, or folder/PATH, for example folder//srv/photos for /srv/photos.",
      options: ["demo/photos", "torchvision/CIFAR10", "torchvision/CIFAR100", "torchvision/Imagenette"],
    },
    NAME,
  ],
  action: "Add data set",
  send: (values, _sent, signal) => {
    const name = text(values, "name");
    const body = { spec: text(values, "spec"), ...(name && { name }), ...visibilityOf(values) };
    return data(api.POST("/api/v1/datasets", { body, signal }));
  },
};

const DATASET_BY_FILE: Way<Entry> = {
  title: "Your own images",
  intro: "An archive with one folder of images for each class, named like the class.",
  fields: [
    {
      name: "file",
      label: "Archive",
      kind: "file",
      required: true,
      accept: ".zip,.tar,.tgz,.tar.gz,.tar.bz2,.tar.xz",
      hint: "A zip or tar file with cat/001.jpg, cat/002.jpg, dog/001.jpg … Name the folders like the network’s classes.",
    },
    NAME,
  ],
  action: "Upload images",
  send: (values, sent, signal) => post("/api/v1/uploads/datasets", values, sent, signal),
};

const VISIBILITY: FieldSpec = {
  name: "visibility",
  label: "Visibility",
  kind: "choice",
  hint: "You can change it later, and move it into a space.",
  choices: (["team", "private", "public"] as const).map((value) => [value, `${value}: ${seenBy(value, null)}`]),
};

/** The ways to add one; with `shared`, the user chooses who sees it. */
export function waysToAdd(kind: Kind, shared: boolean): Way<Entry>[] {
  return WAYS[kind].map((way) => (shared ? { ...way, fields: [...way.fields, VISIBILITY] } : way));
}

const WAYS: Record<Kind, Way<Entry>[]> = {
  networks: [NETWORK_BY_NAME, NETWORK_BY_FILE],
  datasets: [DATASET_BY_NAME, DATASET_BY_FILE],
};

function visibilityOf(values: Values): { visibility?: Visibility } {
  const visibility = VISIBILITIES.find((value) => value === text(values, "visibility"));
  return visibility ? { visibility } : {};
}

function post(
  address: string,
  values: Values,
  sent: Parameters<Way<Entry>["send"]>[1],
  signal: AbortSignal,
): Promise<Entry> {
  const form = new FormData();
  for (const [name, value] of values) form.append(name, value);
  return upload<Entry>(address, form, sent, signal);
}
