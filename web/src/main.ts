// The page: one state, a globe, and panels that are drawn anew when the state changes.

import "./style.css";
import { follow, Refused, server, type Comparison, type Job, type Motion, type Problem, type Resolved, type Scene, type Slot } from "./api";
import { chip, h, percent, short, svg } from "./dom";
import { Globe, type Layer, type Pick, type Scale } from "./globe";

type Tab = "plan" | "demands" | "passes" | "change" | "compare";
const TABS: [Tab, string][] = [["plan", "Plan"], ["demands", "Demands"], ["passes", "Passes"], ["change", "Change"], ["compare", "Compare"]];
const LAYERS: [Layer, string][] = [["fibre", "Fibre"], ["links", "Free space"], ["serving", "Serving"], ["haps", "HAPs"], ["satellites", "Satellites"], ["tracks", "Tracks"], ["footprints", "Footprints"], ["night", "Night"], ["labels", "Names"]];
const SCALES: Record<Scale, [string, string, string]> = { load: ["Load of links", "0 %", "100 %"], rate: ["Rate of links", "1 /s", "1 M/s"], fidelity: ["Fidelity of links", "0.5", "1"] };
const KINDS: Record<string, string> = { base_station: "ground node", aerial: "HAP", satellite: "satellite" };
const MAKINGS: Record<string, string> = { fibre_chain: "fibre", one_sided: "free space, memory at both ends", dual_downlink: "through a satellite that sends both photons" };
const MOST_ROWS = 300;
const PLAY_S = 40; // of the whole plan, played

const state = {
  job: null as Job | null, scene: null as Scene | null, motion: null as Motion | null, slots: new Map<number, Slot>(),
  seconds: 0, playing: false, tab: "plan" as Tab, pick: null as Pick | null, demand: null as string | null,
  jobs: [] as Job[], scenarios: [] as { name: string; description: string; study: string }[],
  resolved: null as Resolved | null, changes: {} as Record<string, unknown>, problems: [] as Problem[], filter: "",
  comparison: null as Comparison | null, running: null as null | { id: string; text: string; share: number | null; stop: () => void },
  sort: { key: "begin_s", up: true }, said: "", limit: "",
};

const stage = h("main", { "aria-label": "Map" });
const globe = new Globe(stage);
const panel = h("div", { role: "tabpanel", id: "panel", tabindex: 0, "aria-labelledby": "tab-plan" });
const tabs = h("div", { role: "tablist", "aria-label": "Panels" });
const legend = h("details", { class: "legend", open: !matchMedia("(max-width: 46rem)").matches });
const hint = h("div", { class: "hint", role: "status", hidden: true });
const slider = h("input", { type: "range", min: 0, max: 1, step: 1, value: 0, "aria-label": "Time" });
const clock = h("output", { id: "clock" });
const play = h("button", { type: "button", "aria-label": "Play", title: "Play or stop (space)" }, "▶");
const jobSelect = h("select", { "aria-label": "Plan shown" });
const live = h("div", { role: "status", "aria-live": "polite", class: "soft" });

// -------------------------------------------------------------------------------------------- frame

function build(): void {
  const theme = h("button", { type: "button", "aria-label": "Dark or light", title: "Dark or light", onclick: () => setTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark") }, "◐");
  document.body.append(
    h("header", {}, h("h1", {}, "satqn"), jobSelect, searchBox(), h("span", { class: "grow" }), h("button", { type: "button", onclick: welcome }, "Scenarios"), theme),
    stage,
    h("div", { class: "time", role: "group", "aria-label": "Time of the plan" }, play, h("button", { type: "button", "aria-label": "Slot before", title: "Slot before ([)", onclick: () => stepSlot(-1) }, "‹"),
      h("button", { type: "button", "aria-label": "Next slot", title: "Next slot (])", onclick: () => stepSlot(1) }, "›"), slider, clock),
    h("aside", { "aria-label": "Panels" }, tabs, panel),
  );
  stage.append(legend, hint, h("div", { class: "tools", role: "group", "aria-label": "View" },
    h("button", { type: "button", "aria-label": "Zoom in", title: "Zoom in (+)", onclick: () => { globe.zoom(0.7); remember(); } }, "+"),
    h("button", { type: "button", "aria-label": "Zoom out", title: "Zoom out (−)", onclick: () => { globe.zoom(1.43); remember(); } }, "−"),
    h("button", { type: "button", "aria-label": "Show everything", title: "Show everything (0)", onclick: () => globe.reset() }, "⌂")));
  for (const [tab, name] of TABS) {
    tabs.append(h("button", { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "panel", onclick: () => openTab(tab) }, name));
  }
  tabs.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!step) return;
    const at = TABS.findIndex(([tab]) => tab === state.tab);
    openTab(TABS[(at + step + TABS.length) % TABS.length][0]);
    document.getElementById(`tab-${state.tab}`)!.focus();
  });
  jobSelect.addEventListener("change", () => void show(jobSelect.value));
  slider.addEventListener("input", () => setTime(Number(slider.value)));
  play.addEventListener("click", togglePlay);
  globe.onpick = choose;
  globe.onview = remember;
  globe.onmoved = moved;
  document.addEventListener("keydown", keys);
  setTheme((localStorage.getItem("satqn-theme") as "dark" | "light" | null) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
}

function setTheme(theme: "dark" | "light"): void {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("satqn-theme", theme);
  globe.setTheme(theme);
}

function keys(event: KeyboardEvent): void {
  const typing = /^(INPUT|SELECT|TEXTAREA)$/.test((event.target as HTMLElement).tagName);
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") choose(null);
  if (typing) return;
  const button = (event.target as HTMLElement).tagName === "BUTTON";
  if (event.key === " " && !button) { event.preventDefault(); togglePlay(); }
  if (event.key === "[") stepSlot(-1);
  if (event.key === "]") stepSlot(1);
  if (event.key === "/") { event.preventDefault(); document.getElementById("search")!.focus(); }
}

function searchBox(): HTMLElement {
  const list = h("ul", { role: "listbox", id: "found", hidden: true, "aria-label": "Found" });
  const input = h("input", { type: "search", id: "search", placeholder: "Find a place or demand ( / )", role: "combobox", "aria-expanded": "false", "aria-controls": "found", "aria-autocomplete": "list", "aria-label": "Find", autocomplete: "off" });
  let at = 0;
  const found = (): { text: string; go: () => void }[] => {
    const wanted = input.value.trim().toLowerCase();
    if (!wanted || !state.scene) return [];
    const bodies = state.scene.bodies.filter((b) => b.id.toLowerCase().includes(wanted)).map((b) => ({ text: `${b.id}, ${KINDS[b.kind]}`, go: () => chooseBody(b.id, true) }));
    const demands = state.scene.demands.filter((d) => d.id.toLowerCase().includes(wanted)).map((d) => ({ text: `${d.id}, demand`, go: () => chooseDemand(d.id) }));
    return [...demands, ...bodies].slice(0, 12);
  };
  const redraw = () => {
    const all = found();
    at = Math.min(at, Math.max(0, all.length - 1));
    list.replaceChildren(...all.map((one, n) => h("li", { role: "option", id: `found-${n}`, "aria-selected": String(n === at), onpointerdown: (e: Event) => { e.preventDefault(); take(n); } }, one.text)));
    list.hidden = !all.length;
    input.setAttribute("aria-expanded", String(!!all.length));
    if (all.length) input.setAttribute("aria-activedescendant", `found-${at}`); else input.removeAttribute("aria-activedescendant");
  };
  const take = (n: number) => { found()[n]?.go(); input.value = ""; redraw(); };
  input.addEventListener("input", () => { at = 0; redraw(); });
  input.addEventListener("blur", () => { list.hidden = true; });
  input.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step) { event.preventDefault(); at = Math.max(0, at + step); redraw(); }
    if (event.key === "Enter") take(at);
    if (event.key === "Escape") { input.value = ""; redraw(); }
  });
  return h("div", { class: "search" }, input, list);
}

// -------------------------------------------------------------------------------------------- time

function setTime(seconds: number): void {
  const scene = state.scene;
  if (!scene) return;
  const whole = scene.time.slot_s * scene.time.slots;
  state.seconds = Math.min(Math.max(seconds, 0), whole);
  const slot = Math.min(Math.floor(state.seconds / scene.time.slot_s), scene.time.slots - 1);
  slider.value = String(Math.round(state.seconds));
  const moment = new Date(Date.parse(scene.time.start) + 1000 * state.seconds).toISOString();
  clock.textContent = `${moment.slice(0, 10)} ${moment.slice(11, 16)} UTC, slot ${slot + 1} of ${scene.time.slots}`;
  slider.setAttribute("aria-valuetext", clock.textContent);
  const known = state.slots.get(slot);
  if (known) globe.setSlot(slot, known); else void loadSlot(slot);
  void loadSlot(Math.min(slot + 1, scene.time.slots - 1));
  globe.setTime(state.seconds);
  document.querySelectorAll<SVGLineElement>(".now").forEach((line) => {
    const x = Number(line.dataset.left) + (Number(line.dataset.width) * state.seconds) / whole;
    line.setAttribute("x1", String(x)); line.setAttribute("x2", String(x));
  });
  document.querySelectorAll<HTMLElement>("[data-slot-shown]").forEach((part) => { if (part.dataset.slotShown !== String(slot)) drawPanel(); });
  remember();
}

async function loadSlot(number: number): Promise<void> {
  const id = state.job!.id;
  if (state.slots.has(number)) return;
  const slot = await server.slot(id, number);
  if (state.job?.id !== id) return;
  state.slots.set(number, slot);
  if (number === slotNow()) { globe.setSlot(number, slot); globe.setTime(state.seconds); if (state.pick) drawPanel(); }
}

function slotNow(): number {
  return state.scene ? Math.min(Math.floor(state.seconds / state.scene.time.slot_s), state.scene.time.slots - 1) : 0;
}

function stepSlot(step: number): void {
  if (state.scene) setTime((slotNow() + step + 0.5) * state.scene.time.slot_s);
}

function togglePlay(): void {
  if (!state.scene) return;
  state.playing = !state.playing;
  play.textContent = state.playing ? "⏸" : "▶";
  play.setAttribute("aria-label", state.playing ? "Stop" : "Play");
  let last = performance.now();
  const whole = state.scene.time.slot_s * state.scene.time.slots;
  const go = (now: number) => {
    if (!state.playing || !state.scene) return;
    const next = state.seconds + ((now - last) / 1000) * (whole / PLAY_S);
    last = now;
    setTime(next >= whole ? 0 : next);
    requestAnimationFrame(go);
  };
  requestAnimationFrame(go);
}

// -------------------------------------------------------------------------------------------- what is shown

async function show(id: string, keep = false): Promise<void> {
  try {
    const job = await server.job(id);
    if (!job.plan) { await track(job); return; }
    const [scene, motion] = await Promise.all([server.scene(id), server.motion(id)]);
    const first = state.scene?.name !== scene.name;
    Object.assign(state, { job, scene, motion, changes: { ...job.changes }, problems: [], comparison: null, resolved: state.resolved?.name === job.scenario ? state.resolved : null });
    state.slots.clear();
    globe.difference = null;
    if (!keep) { state.pick = null; state.demand = null; globe.selected = null; globe.demand = null; }
    slider.max = String(scene.time.slot_s * scene.time.slots);
    globe.setScene(scene, motion);
    if (first && !keep) globe.setView(globe.home);
    await loadSlot(slotNow());
    setTime(state.seconds);
    await refreshJobs();
    drawLegend();
    drawPanel();
    if (!["done", "cancelled", "failed", "infeasible"].includes(job.state)) void track(job);
  } catch (error) { said(error); }
}

async function refreshJobs(): Promise<void> {
  state.jobs = (await server.jobs()).jobs;
  jobSelect.replaceChildren(...(state.job ? [] : [h("option", { value: "" }, "no plan yet")]), ...state.jobs.filter((job) => job.plan).map((job) => h("option", { value: job.id, selected: job.id === state.job?.id }, title(job))));
}

function title(job: Job): string {
  const count = Object.keys(job.changes).length;
  const time = new Date(1000 * job.created).toTimeString().slice(0, 5);
  return `${job.scenario}${count ? `, ${count} change${count > 1 ? "s" : ""}` : ""}, ${time}`;
}

function said(error: unknown): void {
  state.said = error instanceof Error ? error.message : String(error);
  live.textContent = state.said;
  live.className = "warn";
  if (!live.isConnected) panel.prepend(live);
}

function openTab(tab: Tab): void {
  state.tab = tab;
  globe.movable = false;
  globe.onground = null;
  hint.hidden = true;
  drawPanel();
  panel.scrollTop = 0;
  remember();
}

function choose(pick: Pick | null): void {
  state.pick = pick;
  if (!pick) { state.demand = null; globe.demand = null; }
  globe.selected = pick;
  globe.refresh();
  if (pick && state.tab !== "change") state.tab = "plan";
  drawPanel();
  if (pick) panel.scrollTop = 0;
  remember();
}

function chooseBody(id: string, fly = false): void {
  choose({ kind: "body", id });
  if (fly) globe.flyToBody(id);
}

function chooseDemand(id: string | null): void {
  state.demand = state.demand === id ? null : id;
  globe.demand = state.demand;
  state.pick = null;
  globe.selected = null;
  globe.refresh();
  state.tab = "demands";
  drawPanel();
  panel.scrollTop = 0;
  remember();
}

// -------------------------------------------------------------------------------------------- panels

function drawPanel(): void {
  for (const [tab] of TABS) {
    const button = document.getElementById(`tab-${tab}`)!;
    button.setAttribute("aria-selected", String(tab === state.tab));
    button.tabIndex = tab === state.tab ? 0 : -1;
  }
  panel.setAttribute("aria-labelledby", `tab-${state.tab}`);
  live.textContent = "";
  live.className = "soft";
  const progress = state.running ? [progressBox()] : [];
  if (!state.scene) { panel.replaceChildren(live, ...progress, welcomeBox()); return; }
  const parts: Record<Tab, () => Node[]> = { plan: planPanel, demands: demandsPanel, passes: passesPanel, change: changePanel, compare: comparePanel };
  panel.replaceChildren(live, ...progress, ...parts[state.tab]());
}

function planPanel(): Node[] {
  const scene = state.scene!;
  if (state.pick) return state.pick.kind === "body" ? bodyPanel(state.pick.id) : [linkBox(state.pick.number)];
  const r = scene.result;
  const served = scene.demands.filter((d) => d.slots_served > 0).length;
  return [
    h("h2", {}, scene.name), h("p", {}, scene.lead),
    h("div", { class: "cards" }, card(short(r.delivered_pairs), "pairs delivered"), card(short(r.bound_pairs), "bound, weighted pairs"), card(percent(r.gap), "gap"),
      card(`${served} of ${scene.demands.length}`, "demands served"), card(r.simulated_pairs ? short(r.simulated_pairs.mean, 4) : "—", "pairs simulated"), card(r.checker === null ? "not asked" : r.checker.length ? "failed" : "passed", "independent checker")),
    h("p", {}, `Method ${r.method}: ${r.words}. The bound covers ${r.bound_covers}. `, r.early ?? ""),
    ...(r.checker?.length ? [bullets(r.checker)] : []),
    ...(r.binds.length ? [h("h3", {}, "What binds"), bullets(r.binds)] : []),
    ...(scene.stores.length ? [h("h3", {}, "Pairs in store"), stockChart(), h("p", { class: "soft" }, "At the begin of each slot; the line is the time shown.")] : []),
    ...(r.warnings.length ? [h("details", {}, h("summary", {}, `Remarks (${r.warnings.length})`), bullets(r.warnings))] : []),
    h("h3", {}, "Take it along"), exports(),
  ];
}

function exports(): HTMLElement {
  const id = state.job!.id;
  const file = (name: string, text: string) => h("a", { href: server.file(id, name), target: "_blank", rel: "noopener" }, text);
  const picture = async () => {
    const link = h("a", { href: URL.createObjectURL(await globe.image()), download: `${state.scene!.name}.png` });
    link.click();
    URL.revokeObjectURL(link.href);
  };
  const copy = async (event: Event) => {
    const button = event.currentTarget as HTMLButtonElement;
    try { await navigator.clipboard.writeText(location.href); button.textContent = "Link copied"; } catch { button.textContent = "Copy it from the address bar"; }
  };
  return h("div", { class: "row" }, h("button", { type: "button", onclick: picture }, "Picture (PNG)"), h("button", { type: "button", onclick: copy }, "Link to this view"),
    file("report.html", "Report"), file("exports/orbits.czml", "CZML"), file("scenario.resolved.yaml", "Scenario"), file("plan.json", "Plan"));
}

function card(value: string, name: string): HTMLElement { return h("div", { class: "card" }, h("b", {}, value), h("span", {}, name)); }
function bullets(texts: string[]): HTMLElement { return h("ul", { class: "plain" }, ...texts.map((text) => h("li", {}, text))); }
function back(): HTMLElement { return h("button", { type: "button", class: "link", onclick: () => choose(null) }, "← back to the plan"); }
function bodyLink(id: string): HTMLElement { return h("button", { type: "button", class: "link", onclick: () => chooseBody(id) }, id); }

function bodyPanel(id: string): Node[] {
  const scene = state.scene!, slot = state.slots.get(slotNow());
  const body = scene.bodies.find((b) => b.id === id);
  if (!body) return [back(), h("p", {}, "This plan has no such node.")];
  const rows = (slot?.links ?? []).map((e, k) => ({ e, k, link: scene.links[e] })).filter(({ link, k }) => link.a === id || link.b === id || slot!.via[k] === id);
  const stores = scene.stores.filter((store) => store.pair.includes(id));
  const wants = scene.demands.filter((d) => d.source === id || d.destination === id);
  const serving = scene.services.filter((s) => s.slot === slotNow() && s.nodes.includes(id));
  return [
    back(), h("h2", {}, id),
    h("p", { class: "soft" }, `${KINDS[body.kind]}${body.group ? ` of ${body.group}` : ""}, ${body.fixed || body.kind === "aerial" ? `${body.lat_deg.toFixed(3)}°, ${body.lon_deg.toFixed(3)}°, ` : ""}${short(body.altitude_km, 5)} km high`),
    h("div", { class: "cards" }, card(String(body.terminals), "terminals"), card(short(body.storage_pairs), "pairs can be stored"), card(String(rows.length), "links up in this slot"), card(String(serving.length), "services through it")),
    h("div", { class: "row" }, h("button", { type: "button", onclick: () => globe.flyToBody(id) }, "Fly there"), h("button", { type: "button", onclick: () => { state.filter = id; openTab("change"); } }, "Change it")),
    ...(wants.length ? [h("h3", {}, "Wants pairs"), h("ul", { class: "plain" }, ...wants.map((d) => h("li", {}, demandLink(d.id), ` with ${d.source === id ? d.destination : d.source}`)))] : []),
    h("h3", { "data-slot-shown": slotNow() }, `Links in slot ${slotNow() + 1}`),
    rows.length ? h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, ...["to", "rate /s", "fidelity", "load"].map((t) => h("th", { scope: "col" }, t)))),
      h("tbody", {}, ...rows.slice(0, MOST_ROWS).map(({ e, k, link }) => h("tr", {}, h("td", {}, h("button", { type: "button", class: "link", onclick: () => choose({ kind: "link", number: e }) }, link.a === id ? link.b : link.b === id ? link.a : `${link.a}–${link.b}`)),
        h("td", {}, short(slot!.rate_per_s[k])), h("td", {}, slot!.fidelity[k]?.toFixed(4) ?? "—"), h("td", {}, percent(slot!.used_per_s[k] / slot!.rate_per_s[k]))))))) : h("p", {}, "None is up."),
    ...(stores.length ? [h("h3", {}, "Pairs in store with one end here"), stockChart(stores.map((s) => s.id))] : []),
  ];
}

function linkBox(number: number): HTMLElement {
  const scene = state.scene!, link = scene.links[number], n = slotNow(), slot = state.slots.get(n);
  const k = slot?.links.indexOf(number) ?? -1;
  const loss = h("div", {}, h("p", { class: "soft" }, "…"));
  void server.link(state.job!.id, number).then(({ budget }) => {
    if (!budget) { loss.replaceChildren(h("p", { class: "soft" }, "Its loss is not told: other links are used more.")); return; }
    const lines = budget.free_space.lines;
    loss.replaceChildren(
      ...(budget.fibre ? [h("p", {}, `${short(budget.fibre.length_km)} km of fibre with ${budget.fibre.photon_repeaters} photon repeaters: ${short(budget.fibre.rate_per_s)} pairs per second at fidelity ${budget.fibre.fidelity.toFixed(4)}.`)] : []),
      ...(budget.free_space.making && !lines.length && budget.free_space.reason ? [h("p", {}, budget.free_space.reason)] : []),
      ...lines.map((line) => h("div", {}, h("h3", {}, `Loss ${line.from} → ${line.to}`), h("p", { class: "soft" }, `${short(line.range_km, 4)} km, elevation ${line.elevation_deg.toFixed(1)}°, by ${line.noise.part_of_day}; middle of slot ${budget.slot + 1}, its best`),
        h("table", {}, h("tbody", {}, ...Object.entries(line.budget_db).map(([name, db]) => h("tr", {}, h("td", {}, name.replaceAll("_", " ")), h("td", {}, `${db.toFixed(2)} dB`))), h("tr", {}, h("th", { scope: "row" }, "all together"), h("th", {}, `${line.total_db.toFixed(2)} dB`)))))));
  }, said);
  const used = scene.services.filter((s) => s.slot === n && s.nodes.some((name, i) => i + 1 < s.nodes.length && !s.stored[i] && ((name === link.a && s.nodes[i + 1] === link.b) || (name === link.b && s.nodes[i + 1] === link.a))));
  return h("div", { "data-slot-shown": n }, back(), h("h2", {}, bodyLink(link.a), " – ", bodyLink(link.b)), h("p", { class: "soft" }, `${MAKINGS[link.making] ?? link.making}, ${short(link.length_km, 4)} km${link.making === "fibre_chain" ? "" : " at the shortest"}${k >= 0 && slot!.via[k] ? `, by ${slot!.via[k]}` : ""}`),
    k < 0 ? h("p", {}, `Down in slot ${n + 1}.`) : h("div", { class: "cards" }, card(short(slot!.rate_per_s[k]), "pairs per second"), card(slot!.fidelity[k]?.toFixed(4) ?? "—", "fidelity"), card(percent(slot!.used_per_s[k] / slot!.rate_per_s[k]), "used by the plan")),
    used.length ? h("p", {}, "Serves ", ...used.flatMap((s, i) => [i ? ", " : "", demandLink(s.demand)]), ` in slot ${n + 1}.`) : h("p", {}, `Serves nobody directly in slot ${n + 1}.`), loss);
}

function demandLink(id: string): HTMLElement {
  const demand = state.scene!.demands.find((d) => d.id === id);
  return h("button", { type: "button", class: "link", onclick: () => { state.demand = null; chooseDemand(id); } }, demand ? chip(demand.colour) : null, id);
}

function demandsPanel(): Node[] {
  const scene = state.scene!;
  const chosen = scene.demands.find((d) => d.id === state.demand);
  const table = h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, ...["demand", "slots", "pairs", "mean /s"].map((t) => h("th", { scope: "col" }, t)))),
    h("tbody", {}, ...scene.demands.slice(0, MOST_ROWS).map((d) => h("tr", { "aria-selected": String(d.id === state.demand) }, h("td", {}, h("button", { type: "button", class: "link", "aria-pressed": String(d.id === state.demand), onclick: () => chooseDemand(d.id) }, chip(d.colour), d.id)),
      h("td", {}, `${d.slots_served} of ${scene.time.slots}`), h("td", {}, short(d.delivered_pairs)), h("td", {}, short(d.mean_rate_per_s)))))));
  if (!chosen) return [h("h2", {}, "Demands, the worst served first"), h("p", { class: "soft" }, "Choose one to see its paths and why it does not get more."), table];
  const n = slotNow();
  const mine = scene.services.filter((s) => s.demand === chosen.id);
  const now = mine.filter((s) => s.slot === n);
  const target = Math.min(...mine.map((s) => s.fidelity));
  return [
    h("button", { type: "button", class: "link", onclick: () => chooseDemand(chosen.id) }, "← all demands"),
    h("h2", {}, chip(chosen.colour), chosen.id), h("p", {}, bodyLink(chosen.source), " to ", bodyLink(chosen.destination), h("span", { class: "soft" }, `, fidelity ${chosen.target_fidelity} wanted, worth ${chosen.weight} a pair${chosen.minimum_rate_per_s ? `, ${chosen.minimum_rate_per_s} /s promised` : ""}`)),
    h("div", { class: "cards" }, card(short(chosen.delivered_pairs), "pairs"), card(`${chosen.slots_served} of ${scene.time.slots}`, "slots served"), card(chosen.simulated_pairs ? short(chosen.simulated_pairs.mean, 4) : "—", "pairs simulated"), card(mine.length ? target.toFixed(4) : "—", "least fidelity of a path")),
    ...(chosen.sentence ? [h("p", { class: "warn" }, chosen.sentence)] : []),
    h("h3", {}, "Pairs per second, slot by slot"), strip(chosen.rate_per_s, chosen.colour),
    h("h3", { "data-slot-shown": n }, `Path in slot ${n + 1}`),
    now.length ? h("ul", { class: "plain" }, ...now.map((s) => h("li", {}, ...s.nodes.flatMap((name, i) => [i ? (s.stored[i - 1] ? " ⋯ " : " – ") : "", bodyLink(name)]), `: ${short(s.rate_per_s)} /s, fidelity ${s.fidelity.toFixed(4)}, ${short(s.base_pairs)} base pairs each`))) : h("p", {}, "Not served in this slot."),
    now.some((s) => s.stored.includes(true)) ? h("p", { class: "soft" }, "⋯ is drawn from store.") : "",
    h("h3", {}, "Why not more"), chosen.reasons.length ? h("ul", { class: "plain" }, ...chosen.reasons.map((r) => h("li", {}, `Slots ${r.slots}: ${r.reason}`))) : h("p", {}, "It is served in every slot; see what binds in the panel Plan."),
  ].filter((part) => part !== "") as Node[];
}

function strip(values: number[], colour: string): SVGElement {
  const most = Math.max(...values, 1e-9), width = 340, each = width / values.length;
  const bars = values.map((value, n) => {
    const bar = svg("rect", { x: n * each, y: 40 - (38 * value) / most, width: Math.max(each - 0.6, 0.4), height: (38 * value) / most, fill: colour });
    bar.append(svg("title", {}, `slot ${n + 1}: ${short(value)} /s`));
    return bar;
  });
  const chart = svg("svg", { viewBox: `0 0 ${width} 56`, class: "chart", role: "img", "aria-label": `Rate by slot, at most ${short(most)} per second` }, ...bars,
    svg("line", { x1: 0, x2: width, y1: 40, y2: 40, class: "axis" }), svg("text", { x: 0, y: 53 }, "slot 1"), svg("text", { x: width, y: 53, "text-anchor": "end" }, `most ${short(most)} /s`), cursor(0, width, 0, 40));
  chart.addEventListener("click", (event) => {
    const box = chart.getBoundingClientRect();
    setTime(((event.clientX - box.left) / box.width) * state.scene!.time.slot_s * state.scene!.time.slots);
  });
  return chart;
}

function cursor(left: number, width: number, y1: number, y2: number): SVGElement {
  const whole = state.scene!.time.slot_s * state.scene!.time.slots;
  const x = left + (width * state.seconds) / whole;
  return svg("line", { class: "now", "data-left": left, "data-width": width, x1: x, x2: x, y1, y2 });
}

const STORE_COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];
function stockChart(only?: string[]): HTMLElement {
  const scene = state.scene!;
  const stores = scene.stores.filter((s) => !only || only.includes(s.id)).sort((a, b) => Math.max(...b.pairs) - Math.max(...a.pairs));
  const drawn = stores.slice(0, STORE_COLOURS.length);
  const most = Math.max(1, ...drawn.flatMap((s) => s.pairs)), width = 340, height = 90;
  const lines = drawn.map((s, i) => svg("polyline", { fill: "none", stroke: STORE_COLOURS[i], "stroke-width": 1.8, points: s.pairs.map((v, n) => `${(width * n) / scene.time.slots},${height - (84 * v) / most}`).join(" ") }));
  return h("div", {}, svg("svg", { viewBox: `0 0 ${width} ${height + 14}`, class: "chart", role: "img", "aria-label": `Pairs in store over time, at most ${short(most)}` }, svg("line", { x1: 0, x2: width, y1: height, y2: height, class: "axis" }), ...lines, svg("text", { x: 0, y: 10 }, short(most)), svg("text", { x: width, y: height + 12, "text-anchor": "end" }, "end of the plan"), cursor(0, width, 0, height)),
    h("div", { class: "row" }, ...drawn.map((s, i) => h("span", {}, chip(STORE_COLOURS[i]), s.pair.join(" – ")))), stores.length > drawn.length ? h("p", { class: "soft" }, `The ${drawn.length} largest of ${stores.length}.`) : null);
}

function passesPanel(): Node[] {
  const scene = state.scene!;
  type Key = "site" | "satellite" | "begin_s" | "length" | "used";
  const value = (p: (typeof scene.passes)[number], key: Key) => (key === "length" ? p.end_s - p.begin_s : key === "used" ? p.slots_used.length : p[key]);
  const { key, up } = state.sort as { key: Key; up: boolean };
  const rows = scene.passes.filter((p) => !state.pick || state.pick.kind !== "body" || p.site === state.pick.id || p.satellite === state.pick.id);
  rows.sort((p, q) => { const [a, b] = [value(p, key), value(q, key)]; return (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1); });
  const time = (s: number) => new Date(Date.parse(scene.time.start) + 1000 * s).toISOString().slice(11, 16);
  const head = (name: string, of: Key) => h("th", { scope: "col", "aria-sort": key === of ? (up ? "ascending" : "descending") : "none" }, h("button", { type: "button", onclick: () => { state.sort = { key: of, up: key === of ? !up : true }; drawPanel(); } }, name + (key === of ? (up ? " ▲" : " ▼") : "")));
  return [h("h2", {}, "Passes"), h("p", { class: "soft" }, rows.length ? "When sites see satellites. Choose one to go there and then." : "No site sees a satellite with a link."),
    h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, head("site", "site"), head("satellite", "satellite"), head("from", "begin_s"), head("minutes", "length"), head("slots used", "used"))),
      h("tbody", {}, ...rows.slice(0, MOST_ROWS).map((p) => h("tr", { "aria-selected": String(p.begin_s <= state.seconds && state.seconds < p.end_s) }, h("td", {}, h("button", { type: "button", class: "link", onclick: () => { state.pick = { kind: "body", id: p.satellite }; globe.selected = state.pick; setTime((p.begin_s + p.end_s) / 2); globe.flyToBody(p.site); drawPanel(); } }, p.site)), h("td", {}, p.satellite), h("td", {}, time(p.begin_s)), h("td", {}, ((p.end_s - p.begin_s) / 60).toFixed(0)), h("td", {}, String(p.slots_used.length))))))),
    ...(rows.length > MOST_ROWS ? [h("p", { class: "soft" }, `${rows.length - MOST_ROWS} more: choose a node to see its own.`)] : []),
    ...(state.pick ? [h("button", { type: "button", onclick: () => choose(null) }, "Show all passes")] : [])];
}

// -------------------------------------------------------------------------------------------- what if

function leaves(node: unknown, path = ""): [string, unknown][] {
  if (Array.isArray(node)) return node.length && typeof node[0] === "object" ? node.flatMap((item, n) => leaves(item, `${path}.${n}`)) : [];
  if (node && typeof node === "object") return Object.entries(node).flatMap(([key, value]) => leaves(value, path ? `${path}.${key}` : key));
  return [[path, node]];
}

function named(key: string): string {
  let node: any = state.resolved!.scenario;
  return key.split(".").map((part) => { node = node?.[part]; return node && typeof node === "object" && node.id ? node.id : part; }).join(" › ").replaceAll("_", " ");
}

function changePanel(): Node[] {
  if (!state.resolved || state.resolved.name !== state.job!.scenario) {
    void server.scenario(state.job!.scenario).then((found) => { state.resolved = found; if (state.tab === "change") drawPanel(); }, said);
    return [h("h2", {}, "Change and plan again"), h("p", {}, "Reading the scenario …")];
  }
  const list = h("div", {});
  const filter = h("input", { type: "search", id: "filter", value: state.filter, "aria-label": "Find a key", placeholder: "Find a key, e.g. slot, aperture, storage" });
  filter.addEventListener("input", () => { state.filter = filter.value; list.replaceChildren(...fields()); });
  list.append(...fields());
  const changed = Object.keys(state.changes);
  const limit = h("input", { type: "number", min: 1, step: 1, id: "limit", value: state.limit, placeholder: "none", oninput: (e: Event) => { state.limit = (e.target as HTMLInputElement).value; } });
  const stray = state.problems.filter((p) => !document.getElementById(`key-${p.key}`) && !leaves(state.resolved!.scenario).some(([key]) => key === p.key));
  return [
    h("h2", {}, "Change and plan again"),
    ...(changed.length ? [h("div", {}, h("h3", {}, "Changes"), h("ul", { class: "plain" }, ...changed.map((key) => h("li", {}, `${named(key)}: ${shown(state.changes[key])} `, h("button", { type: "button", class: "link", "aria-label": `Undo ${key}`, onclick: () => { delete state.changes[key]; state.problems = []; drawPanel(); } }, "undo")))))] : [h("p", { class: "soft" }, "Nothing is changed yet. Change numbers here, or move and add stations on the globe.")]),
    ...(stray.length ? [h("ul", { class: "plain warn", role: "alert" }, ...stray.map((p) => h("li", {}, `${p.key}: ${p.what} ${p.fix}`)))] : []),
    h("div", { class: "row" }, h("button", { type: "button", class: "main", disabled: state.running !== null, onclick: () => void replan() }, "Plan again"), h("label", { for: "limit" }, "within seconds"), limit),
    h("div", { class: "row" }, h("button", { type: "button", "aria-pressed": String(globe.movable), onclick: () => { globe.movable = !globe.movable; globe.onground = null; hinted(globe.movable ? "Drag a ground node or HAP" : ""); drawPanel(); } }, "Move stations"),
      h("button", { type: "button", onclick: addStation }, "Add a station")),
    h("div", { class: "row" }, filter), list,
  ];
}

function shown(value: unknown): string { return Array.isArray(value) ? `${value.length} items` : String(value); }
function hinted(text: string): void { hint.textContent = text; hint.hidden = !text; }

function fields(): Node[] {
  const wanted = state.filter.trim().toLowerCase().split(/[\s._›]+/).filter(Boolean);
  const faults = new Map(state.problems.map((p) => [p.key, p]));
  const all = leaves(state.resolved!.scenario).filter(([key, value]) => !/(^|\.)(source|format|study|schema_version|description|extends)$/.test(key) && (value === null || typeof value !== "object"));
  const found = all.filter(([key]) => { const text = `${key} ${named(key)}`.toLowerCase(); return faults.has(key) || wanted.every((word) => text.includes(word)); });
  found.sort(([a], [b]) => Number(faults.has(b)) - Number(faults.has(a)) || Number(b in state.changes) - Number(a in state.changes));
  const rows = found.slice(0, 80).map(([key, value]) => {
    const id = `key-${key}`, fault = faults.get(key), own = key in state.changes ? state.changes[key] : value;
    const input = typeof value === "boolean" ? h("select", { id }, ...[true, false].map((v) => h("option", { value: v, selected: own === v }, String(v)))) : h("input", { type: typeof value === "number" ? "number" : "text", step: "any", id, value: own === null ? "" : own, placeholder: value === null ? "not set" : "", "aria-invalid": fault ? "true" : null, "aria-describedby": fault ? `${id}-fault` : null });
    input.addEventListener("change", () => {
      const text = input.value;
      const next = text === "" && value === null ? null : typeof value === "boolean" ? text === "true" : typeof value === "number" || (value === null && text !== "" && !Number.isNaN(Number(text))) ? (text === "" ? null : Number(text)) : text;
      if (next === value) delete state.changes[key]; else state.changes[key] = next;
      state.problems = state.problems.filter((p) => p.key !== key);
      const at = panel.scrollTop;
      drawPanel();
      panel.scrollTop = at;
      document.getElementById(id)?.focus();
    });
    return h("div", { class: `field${key in state.changes ? " changed" : ""}` }, h("label", { for: id }, named(key)), input, fault ? h("span", { class: "fault", id: `${id}-fault`, role: "alert" }, `${fault.what}${fault.fix ? `: ${fault.fix}` : ""}`) : h("span", { class: "origin soft" }, `from ${state.resolved!.origins[key] ?? "the scenario"}`));
  });
  return [...rows, h("p", { class: "soft" }, found.length > rows.length ? `${found.length - rows.length} more keys: type what you seek.` : found.length ? "" : "No key has this in its name.")];
}

function nodesNow(): any[] {
  if (Array.isArray(state.changes["ground.nodes"])) return state.changes["ground.nodes"] as any[];
  const nodes = structuredClone((state.resolved!.scenario as any).ground.nodes) as any[];
  for (const [key, value] of Object.entries(state.changes)) {
    const found = /^ground\.nodes\.(\d+)\.(\w+)$/.exec(key);
    if (found && nodes[Number(found[1])]) { nodes[Number(found[1])][found[2]] = value; delete state.changes[key]; }
  }
  for (const node of nodes) for (const key of Object.keys(node)) if (node[key] === null) delete node[key];
  return nodes;
}

function moved(id: string, lat: number, lon: number): void {
  if (!state.resolved) return;
  const place = { lat_deg: Number(lat.toFixed(4)), lon_deg: Number(lon.toFixed(4)) };
  const scenario = state.resolved.scenario as any;
  const list = state.changes["ground.nodes"] as any[] | undefined;
  const added = list?.find((node) => node.id === id);
  const n = scenario.ground.nodes.findIndex((node: any) => node.id === id), m = scenario.haps.findIndex((hap: any) => hap.id === id);
  if (added) Object.assign(added, place);
  else if (n >= 0 || m >= 0) for (const [key, value] of Object.entries(place)) state.changes[n >= 0 ? `ground.nodes.${n}.${key}` : `haps.${m}.${key}`] = value;
  hinted(`${id} moved to ${place.lat_deg}°, ${place.lon_deg}°: now plan again`);
  drawPanel();
}

function addStation(): void {
  globe.movable = false;
  hinted("Click on the globe where the station is to stand");
  globe.onground = (lat, lon) => {
    globe.onground = null;
    const nodes = nodesNow();
    let n = 1;
    while (nodes.some((node) => node.id === `Station-${n}`)) n += 1;
    nodes.push({ id: `Station-${n}`, lat_deg: Number(lat.toFixed(4)), lon_deg: Number(lon.toFixed(4)) });
    state.changes["ground.nodes"] = nodes;
    hinted(`Station-${n} added: now plan again`);
    drawPanel();
  };
}

// -------------------------------------------------------------------------------------------- jobs

async function replan(scenario = state.job!.scenario, changes: Record<string, unknown> = state.changes): Promise<void> {
  state.problems = [];
  try {
    const limit = Number(state.limit);
    const job = await server.submit({ scenario, changes, again: true, ...(limit > 0 ? { time_limit_s: limit } : {}) });
    await track(job);
  } catch (error) {
    if (error instanceof Refused) { state.problems = error.failure.problems; drawPanel(); }
    said(error);
  }
}

async function track(job: Job): Promise<void> {
  if (state.running?.id === job.id) return;
  state.running?.stop();
  const before = state.job?.id;
  const stop = follow(job.id, (event, data) => {
    const now = state.running;
    if (now?.id !== job.id) return;
    if (event === "state") now.text = data.state === "queued" ? "waiting for its turn" : "at work";
    if (event === "stage") [now.text, now.share] = [data.stage, null];
    if (event === "progress") [now.text, now.share] = [data.stage, data.done / Math.max(data.total, 1)];
    if (event === "bounds") [now.text, now.share] = [`planning, ${data.wall_s.toFixed(0)} s: best ${short(data.incumbent_pairs, 4)} pairs, bound ${short(data.bound_pairs, 4)}`, data.bound_pairs && data.incumbent_pairs !== null ? data.incumbent_pairs / data.bound_pairs : null];
    if (event === "plan" && (before === state.job?.id)) void show(job.id, true);
    if (event === "end") {
      state.running = null;
      void refreshJobs();
      if (data.plan && state.job?.id !== job.id && before === state.job?.id) void show(job.id, true);
      drawPanel();
      if (data.error) said(new Refused(data.error));
      else if (!data.plan) said(data.state === "done" ? "This study has no plan to show on the globe: see its report" : "Cancelled before there was a plan");
      return;
    }
    updateProgress();
  });
  state.running = { id: job.id, text: "waiting", share: null, stop };
  drawPanel();
}

function progressBox(): HTMLElement {
  const id = state.running!.id;
  const box = h("div", { id: "progress", class: "card" }, h("p", { id: "progress-text", role: "status" }, state.running!.text), h("progress", { id: "progress-bar", max: 1, "aria-label": "Progress" }),
    h("button", { type: "button", onclick: (event: Event) => { (event.currentTarget as HTMLButtonElement).disabled = true; void server.cancel(id).catch(said); } }, "Stop with the best plan so far"));
  queueMicrotask(updateProgress);
  return box;
}

function updateProgress(): void {
  const bar = document.getElementById("progress-bar") as HTMLProgressElement | null;
  if (!bar || !state.running) return;
  document.getElementById("progress-text")!.textContent = state.running.text;
  if (state.running.share === null) bar.removeAttribute("value"); else bar.value = state.running.share;
}

// -------------------------------------------------------------------------------------------- compare

function comparePanel(): Node[] {
  const others = state.jobs.filter((job) => job.plan && job.id !== state.job!.id);
  if (!others.length) return [h("h2", {}, "Compare"), h("p", {}, "There is no other plan yet: change something, and plan again.")];
  const select = h("select", { "aria-label": "Compare with" }, h("option", { value: "" }, "choose a plan"), ...others.map((job) => h("option", { value: job.id, selected: job.id === state.comparison?.a }, title(job))));
  select.addEventListener("change", () => void compareWith(select.value));
  const c = state.comparison;
  const more = (both: { more: number | null; share: number | null }) => (both.more === null ? "—" : `${both.more > 0 ? "+" : ""}${short(both.more)}${both.share === null ? "" : ` (${both.share > 0 ? "+" : ""}${percent(both.share)})`}`);
  const changed = c ? [...new Set([...Object.keys(c.changes.a), ...Object.keys(c.changes.b)])].filter((key) => JSON.stringify(c.changes.a[key]) !== JSON.stringify(c.changes.b[key])) : [];
  return [h("h2", {}, "Compare"), h("div", { class: "row" }, h("span", {}, "This plan against"), select),
    ...(c ? [
      h("div", { class: "cards" }, card(short(c.result.delivered_pairs.a), "pairs there"), card(short(c.result.delivered_pairs.b), "pairs here"), card(more(c.result.delivered_pairs), "more here")),
      ...(changed.length ? [h("h3", {}, "Changed"), h("ul", { class: "plain" }, ...changed.map((key) => h("li", {}, `${key}: ${key in c.changes.a ? shown(c.changes.a[key]) : "as in the scenario"} → ${key in c.changes.b ? shown(c.changes.b[key]) : "as in the scenario"}`)))] : []),
      ...(["added", "removed", "moved"] as const).filter((kind) => c.bodies[kind].length).map((kind) => h("p", {}, `${kind}: ${c.bodies[kind].slice(0, 12).join(", ")}`)),
      h("h3", {}, "Demands"), h("div", { class: "wide" }, h("table", {}, h("thead", {}, h("tr", {}, ...["demand", "there", "here", "more"].map((t) => h("th", { scope: "col" }, t)))), h("tbody", {}, ...c.demands.slice(0, MOST_ROWS).map((d) => h("tr", {}, h("td", {}, d.id), h("td", {}, short(d.pairs.a)), h("td", {}, short(d.pairs.b)), h("td", {}, more(d.pairs))))))),
      h("h3", {}, "Links that carry more or fewer"), h("div", { class: "wide" }, h("table", {}, h("tbody", {}, ...c.links.slice(0, 12).map((l) => h("tr", {}, h("td", {}, `${l.a} – ${l.b}`), h("td", {}, more(l.pairs))))))),
      h("button", { type: "button", onclick: () => void compareWith("") }, "Stop comparing"),
    ] : [])];
}

async function compareWith(id: string): Promise<void> {
  try {
    state.comparison = id ? await server.compare(id, state.job!.id) : null;
    const most = Math.max(1, ...(state.comparison?.links.map((l) => Math.abs(l.pairs.more ?? 0)) ?? []));
    globe.difference = state.comparison ? new Map(state.comparison.links.map((l) => [`${l.a}|${l.b}`, (l.pairs.more ?? 0) / most])) : null;
    globe.refresh();
    drawLegend();
    drawPanel();
    remember();
  } catch (error) { said(error); }
}

// -------------------------------------------------------------------------------------------- legend, welcome, address

function drawLegend(): void {
  const [name, low, high] = state.comparison ? ["Pairs over links, both plans", "fewer here", "more here"] : SCALES[globe.scale];
  const scale = h("select", { "aria-label": "Colour links by", disabled: state.comparison !== null, onchange: (e: Event) => { globe.scale = (e.target as HTMLSelectElement).value as Scale; globe.refresh(); drawLegend(); remember(); } }, ...(Object.keys(SCALES) as Scale[]).map((s) => h("option", { value: s, selected: s === globe.scale }, `Colour by ${s}`)));
  legend.replaceChildren(h("summary", {}, "Legend and layers"), scale, h("div", { class: "soft" }, name), h("div", { class: state.comparison ? "ramp more" : "ramp", role: "img", "aria-label": `${name}: from ${low} to ${high}` }), h("div", { class: "ends" }, h("span", {}, low), h("span", {}, high)),
    h("div", {}, chip("#0072b2"), "ground ", chip("#009e73"), "HAP ", chip("#e69f00"), "satellite"),
    h("fieldset", {}, h("legend", {}, "Shown"), ...LAYERS.map(([layer, text]) => h("label", {}, h("input", { type: "checkbox", checked: globe.layers.has(layer), onchange: (e: Event) => { if ((e.target as HTMLInputElement).checked) globe.layers.add(layer); else globe.layers.delete(layer); globe.refresh(); remember(); } }), text))));
}

function welcome(): void {
  Object.assign(state, { scene: null, job: null, pick: null, demand: null, comparison: null, playing: false });
  globe.clear();
  drawPanel();
  history.replaceState(null, "", "#");
}

function welcomeBox(): HTMLElement {
  const planned = state.jobs.filter((job) => job.plan).slice(0, 20);
  return h("div", {}, h("h2", {}, "Plan a quantum network"), h("p", {}, "Choose a scenario: it is planned on this machine, and shown on the globe slot by slot."),
    h("ul", { class: "tiles" }, ...state.scenarios.filter((s) => s.study === "plan").map((s) => h("li", {}, h("h3", {}, s.name), h("p", { class: "soft" }, s.description), h("button", { type: "button", class: "main", onclick: () => void replan(s.name, {}) }, `Plan ${s.name}`)))),
    ...(planned.length ? [h("h3", {}, "Planned before"), h("ul", { class: "plain" }, ...planned.map((job) => h("li", {}, h("button", { type: "button", class: "link", onclick: () => void show(job.id) }, title(job)))))] : []));
}

let waiting = 0;
function remember(): void {
  clearTimeout(waiting);
  waiting = window.setTimeout(() => {
    if (!state.job) return;
    const { lat, lon, distance } = globe.camera_view;
    const pick = state.pick ? (state.pick.kind === "body" ? `body:${state.pick.id}` : `link:${state.pick.number}`) : null;
    const parts = new URLSearchParams({ job: state.job.id, t: String(Math.round(state.seconds)), view: [lat, lon, distance].map((v) => v.toFixed(3)).join(","), tab: state.tab, colour: globe.scale, layers: [...globe.layers].join(",") });
    if (pick) parts.set("pick", pick);
    if (state.demand) parts.set("demand", state.demand);
    if (state.comparison) parts.set("with", state.comparison.a);
    history.replaceState(null, "", `#${parts}`);
  }, 200);
}

async function restore(): Promise<boolean> {
  const parts = new URLSearchParams(location.hash.slice(1));
  const job = parts.get("job");
  if (!job || !/^[0-9a-f]{32}$/.test(job)) return false;
  const layers = parts.get("layers");
  if (layers !== null) globe.layers = new Set(layers.split(",").filter((l) => LAYERS.some(([name]) => name === l)) as Layer[]);
  const colour = parts.get("colour");
  if (colour && colour in SCALES) globe.scale = colour as Scale;
  state.seconds = Number(parts.get("t")) || 0;
  await show(job);
  if (!state.scene) return false;
  const view = (parts.get("view") ?? "").split(",").map(Number);
  if (view.length === 3 && view.every(Number.isFinite)) globe.setView({ lat: view[0], lon: view[1], distance: view[2] });
  const pick = parts.get("pick") ?? "";
  if (pick.startsWith("body:")) choose({ kind: "body", id: pick.slice(5) });
  if (pick.startsWith("link:") && state.scene.links[Number(pick.slice(5))]) choose({ kind: "link", number: Number(pick.slice(5)) });
  if (parts.get("demand")) chooseDemand(parts.get("demand"));
  const tab = parts.get("tab") as Tab;
  if (TABS.some(([name]) => name === tab)) openTab(tab);
  if (parts.get("with")) await compareWith(parts.get("with")!);
  return true;
}

async function begin(): Promise<void> {
  build();
  drawLegend();
  try {
    state.scenarios = (await server.scenarios()).scenarios;
    await refreshJobs();
  } catch (error) { said(error); }
  drawPanel();
  await restore();
  if (new URLSearchParams(location.search).has("token")) history.replaceState(null, "", location.pathname + location.hash); // it is a cookie now
  document.body.dataset.ready = "yes";
}

Object.assign(window, { satqn: { snapshot: () => globe.snapshot(), state: () => ({ tab: state.tab, seconds: state.seconds, job: state.job?.id ?? null, changes: state.changes, running: state.running?.id ?? null }) } });
void begin();
