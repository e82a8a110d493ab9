import { beforeEach, describe, expect, it, vi } from "vitest";
import { DEFAULTS } from "./model/state";
import { StateStore } from "./state_store";

beforeEach(() => {
  vi.useFakeTimers();
  history.replaceState(null, "", "/circuits/cat?v=1&influence=80");
});

function made() {
  const changed = vi.fn();
  const life = new AbortController();
  return { store: new StateStore(changed, life.signal), changed, life };
}

describe("the state and its address", () => {
  it("begins with the address", () => {
    expect(made().store.state.influence).toBe(80);
  });

  it("makes a step for a selection, and none for a slider", () => {
    const { store, changed } = made();
    const push = vi.spyOn(history, "pushState");
    store.change({ influence: 70 });
    store.change({ influence: 60 });
    expect(location.search).toBe("?v=1&influence=80");
    vi.runAllTimers();
    expect(location.search).toBe("?v=1&influence=60");
    expect(push).not.toHaveBeenCalled();
    store.change({ select: "mid/1" });
    expect(push).toHaveBeenCalledTimes(1);
    expect(location.search).toBe("?v=1&select=mid/1&influence=60");
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it("writes pending changes before a step, so that going back restores them", () => {
    const { store } = made();
    const replace = vi.spyOn(history, "replaceState");
    store.change({ weight: 5 });
    store.change({ show: "table" });
    expect(replace.mock.lastCall?.[2]).toBe("/circuits/cat?v=1&influence=80&weight=5");
    expect(location.search).toBe("?v=1&influence=80&weight=5&show=table");
  });

  it("restores a shared view at the plain address", () => {
    history.replaceState(null, "", "/s/token");
    const store = new StateStore(() => undefined, new AbortController().signal, { ...DEFAULTS, influence: 40 });
    expect(store.state.influence).toBe(40);
    store.change({ select: "mid/1" });
    expect(location.search).toBe("?v=1&select=mid/1&influence=40");
    store.change({ select: null, influence: 100 });
    expect(location.search).toBe("?v=1");
    store.reset();
    expect([location.search, store.state.influence]).toEqual(["", 40]);
  });

  it("allows only changes of the display in a fixed state", () => {
    const { store } = made();
    const refused = vi.fn();
    store.fixed = refused;
    store.change({ select: "mid/1", panel: "inspector" });
    store.change({ influence: 3 });
    store.change({ select: null, expand: ["mid/1"] });
    expect(refused).toHaveBeenCalledTimes(2);
    expect(store.state).toMatchObject({ select: "mid/1", influence: 80, expand: [] });
  });

  it("goes back with the browser, until it is over", () => {
    const { store, changed, life } = made();
    history.replaceState(null, "", "/circuits/cat?v=1&sign=negative");
    window.dispatchEvent(new PopStateEvent("popstate"));
    expect(store.state).toMatchObject({ sign: "negative", influence: 100 });
    life.abort();
    window.dispatchEvent(new PopStateEvent("popstate"));
    expect(changed).toHaveBeenCalledTimes(1);
  });
});
