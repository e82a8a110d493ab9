/** The page "New circuit": holds the selections, updates the steps, and requests the circuit. */

import { isAtLeast, whoAmI } from "../account/me";
import type { Problem, Schemas } from "../api/client";
import { h } from "../base/dom";
import { Latest } from "../base/latest";
import { attempt, load } from "../base/load";
import { message } from "../base/message";
import { classesWithImages, NO_CLASSES, readClasses, type SharedClasses } from "../circuit/shared_classes";
import { type Job, OPEN_STATES, watchJobs } from "../jobs/watch_jobs";
import { AccuracyCheck } from "./accuracy_check";
import { type Choices, readChoices, writeChoices } from "./choices";
import { ClassList } from "./class_list";
import { ClassPictures } from "./class_pictures";
import { fitChoices } from "./fit_choices";
import { LabelMap } from "./label_map";
import { LADDER, LayerLadder } from "./layer_ladder";
import { ParameterFields } from "./parameter_fields";
import { type Ready, readyRequest, refusedParameters } from "./request";
import { type Card, SourceChoice } from "./source_choice";
import { listSources, readDataset, readNetwork, requestCircuits } from "./sources";
import { StartBar } from "./start_bar";
import { VisibilityStep, step } from "./step";
import "./create_page.css";

type Network = Schemas["NetworkOut"];
type Dataset = Schemas["DatasetOut"];

export class CreatePage {
  private readonly choices: Choices;
  private networks: Card[] = [];
  private datasets: Card[] = [];
  private network: Network | null = null;
  private dataset: Dataset | null = null;
  /** Null until network and data set are chosen and inspected. */
  private shared: SharedClasses | null = null;
  private evaluated = false;
  private readonly latest = new Latest();
  private pending: AbortController | null = null;
  private readonly networkStep = new SourceChoice("network");
  private readonly datasetStep = new SourceChoice("dataset");
  private readonly accuracy = new AccuracyCheck();
  private readonly classes = new ClassList();
  private readonly pictures = new ClassPictures();
  private readonly labels = new LabelMap();
  private readonly ladder = new LayerLadder();
  private readonly parameters: ParameterFields;
  private readonly visibility = new VisibilityStep();
  private readonly start = new StartBar();
  private readonly classNote = h("p", { class: "small quiet-text" });
  private readonly layerNote = h("p", { class: "small quiet-text", role: "status" });

  constructor(private readonly root: HTMLElement) {
    this.choices = readChoices(location.search);
    this.parameters = new ParameterFields(this.choices.parameters);
    this.choices.parameters = this.parameters.typed;
    this.listen();
  }

  /** Loads the networks and data sets, then shows the steps. */
  async open(): Promise<void> {
    let usable = false;
    const content = async () => {
      const me = await whoAmI();
      if (!isAtLeast(me, "editor")) return [editorsOnly()];
      await this.list();
      if (this.networks.length === 0 && this.datasets.length === 0) return [nothingToUse()];
      usable = true;
      void this.visibility.show(me, () => this.keep({}));
      return this.build();
    };
    await load(this.root, content, { again: () => void this.open() });
    if (!usable) return;
    this.watchPending();
    await this.load();
  }

  private async list(): Promise<void> {
    [this.networks, this.datasets] = await Promise.all([listSources("network"), listSources("dataset")]);
    this.choices.network ??= only(this.networks);
    this.choices.dataset ??= only(this.datasets);
  }

  private build(): Node[] {
    return [
      h("h1", {}, "New circuit"),
      h(
        "div",
        { class: "create-columns" },
        h(
          "div",
          { class: "create-column" },
          step(1, "Network", "The network to explain.", this.networkStep.element),
          step(
            2,
            "Data set",
            "The images to cut into patches. Neurons are described by the patches that they fire on.",
            this.datasetStep.element,
          ),
          step(
            3,
            "Class",
            "",
            this.classNote,
            this.accuracy.element,
            this.classes.element,
            this.labels.element,
            this.pictures.element,
          ),
        ),
        h(
          "div",
          { class: "create-column" },
          step(4, "Layers", LADDER, this.layerNote, this.ladder.element),
          step(5, "Parameters", "The defaults work for most networks.", this.parameters.element),
          this.visibility.element,
        ),
      ),
      this.start.element,
    ];
  }

  /** While inspections run, loads the lists again when one ends. */
  private watchPending(): void {
    const pending = [...this.networks, ...this.datasets].some(({ state }) => OPEN_STATES.has(state));
    if (!pending) {
      this.pending?.abort();
      this.pending = null;
    } else if (!this.pending) {
      this.pending = new AbortController();
      const job = ({ kind }: Job, ended: boolean) => {
        if (ended && kind.startsWith("inspect_")) void this.again();
      };
      watchJobs(null, { job }, this.pending.signal);
    }
  }

  private listen(): void {
    this.networkStep.on("choose", (id) => this.change({ network: id, layers: null, classes: [] }));
    this.datasetStep.on("choose", (id) => this.change({ dataset: id }));
    this.classes.on("several", (several) => {
      this.keep({ several, classes: several ? this.choices.classes : this.choices.classes.slice(0, 1) });
      this.showClasses();
    });
    this.classes.on("choose", (classes) => {
      this.keep({ classes });
      this.showPictures();
    });
    this.labels.on("saved", () => void this.load());
    this.ladder.on("choose", (layers) => this.keep({ layers }));
    this.parameters.on("change", (parameters) => this.keep({ parameters }));
    this.accuracy.on("measured", ({ classes }) => {
      this.evaluated = true;
      this.classes.showAccuracies(new Map(classes.map((one) => [one.name, one])));
      this.showPictures();
    });
    this.start.on("refused", (problem) => this.parameters.showProblems(refusedParameters(problem)));
    this.start.on("start", () => void this.trace());
  }

  /** Makes a change for which nothing has to be loaded. */
  private keep(change: Partial<Choices>): void {
    Object.assign(this.choices, change);
    history.replaceState(null, "", location.pathname + writeChoices(this.choices));
    this.start.show(this.ready(), this.visibility.value);
  }

  private change(change: Partial<Choices>): void {
    this.keep(change);
    void this.load();
  }

  /** Loads the lists again. */
  private async again(): Promise<void> {
    // If it fails, the present lists stay: the next change tries again.
    if (!(await attempt(() => this.list(), { report: () => undefined }))) return;
    this.watchPending();
    await this.load();
  }

  /** Loads the chosen network and data set, and shows the steps. */
  private async load(): Promise<void> {
    const signal = this.latest.next();
    const { network, dataset } = this.choices;
    this.networkStep.show(this.networks, network);
    this.datasetStep.show(this.datasets, dataset);
    const read = async () => {
      const inspected = (cards: readonly Card[], id: string | null) =>
        cards.find((card) => card.id === id && card.state === "succeeded") ? id : null;
      const [networkId, datasetId] = [inspected(this.networks, network), inspected(this.datasets, dataset)];
      const [foundNetwork, foundDataset, shared] = await Promise.all([
        readNetwork(networkId),
        readDataset(datasetId),
        networkId && datasetId ? readClasses(networkId, datasetId) : null,
      ]);
      if (signal.aborted) return;
      this.shared = shared;
      this.network = foundNetwork;
      this.dataset = foundDataset;
    };
    const report = ({ message }: Problem) => this.start.say("Loading the network or data set failed.", message);
    if (!(await attempt(read, { signal, report })) || signal.aborted) return;
    this.evaluated = false;
    this.fit();
    this.ladder.show(this.network?.layers ?? [], this.choices.layers);
    this.classes.showAccuracies(new Map());
    this.showClasses();
    this.keep({});
    void this.accuracy.show(this.network?.id ?? null, this.dataset?.id ?? null);
  }

  /** Removes chosen classes and layers that the network and data set do not have, and says so. */
  private fit(): void {
    const { classes, layers, lostClasses, lostLayers } = fitChoices(this.choices, this.network, this.shared);
    Object.assign(this.choices, { classes, layers });
    this.classes.element.hidden = !this.shared;
    this.classNote.textContent = !this.shared
      ? "Choose a network and a data set to see their classes."
      : lostClasses.length > 0
        ? `Removed from the selection, because no image of the data set is labelled with it: ${lostClasses.join(", ")}.`
        : "Classes of the network that have images in the data set.";
    this.layerNote.textContent =
      lostLayers.length > 0
        ? `Removed from the selection, because this network does not have it: ${lostLayers.join(", ")}.`
        : "";
  }

  private showClasses(): void {
    this.classes.show(this.shared ?? NO_CLASSES, this.choices.classes, this.choices.several);
    this.labels.show(this.dataset, this.shared, this.nothingMatches());
    this.showPictures();
  }

  private showPictures(): void {
    const last = this.choices.classes.at(-1);
    const choice = this.shared?.classes.find(({ name }) => name === last) ?? null;
    void this.pictures.show(this.dataset?.id ?? null, choice, this.network?.id ?? null, this.evaluated);
  }

  /** Whether no class has images, so that labels must be mapped first. */
  private nothingMatches(): boolean {
    return this.shared !== null && classesWithImages(this.shared).length === 0;
  }

  private ready(): Ready | string {
    const known = (cards: readonly Card[], id: string | null) => (cards.some((card) => card.id === id) ? id : null);
    const network = known(this.networks, this.choices.network);
    const dataset = known(this.datasets, this.choices.dataset);
    if (network && !this.network) return "Inspect the network first.";
    if (dataset && !this.dataset) return "Inspect the data set first.";
    if (network && dataset && this.nothingMatches()) {
      return "No label of the data set matches a class of the network. Map a label to a class first.";
    }
    return readyRequest({ ...this.choices, network, dataset });
  }

  private async trace(): Promise<void> {
    const ready = this.ready();
    if (typeof ready === "string") return this.start.say(ready);
    this.start.busy(true);
    const request = async () =>
      location.assign(await requestCircuits(ready, this.choices.several, this.visibility.value));
    const report = (problem: Problem) => {
      this.start.busy(false);
      const refused = refusedParameters(problem);
      if (refused.size > 0) this.parameters.showProblems(refused);
      const why = refused.size > 0 ? "See the errors in the fields." : problem.message;
      this.start.say("The circuit could not be started.", why);
    };
    await attempt(request, { report });
  }
}

function nothingToUse(): HTMLElement {
  return message("Add a network and a data set", "You need a network and a data set to compute a circuit.", [
    { label: "Add network", to: "/networks" },
    { label: "Add data set", to: "/datasets" },
  ]);
}

function editorsOnly(): HTMLElement {
  const text = "Ask an administrator for the role of an editor to compute circuits.";
  return message("New circuit", text, [{ label: "All circuits", to: "/" }]);
}

/** The id of the only entry; null if there are none or several. */
function only(cards: readonly Card[]): string | null {
  const [first, ...others] = cards;
  return first && others.length === 0 ? first.id : null;
}
