// What the server hands out, and how it is asked.

export interface Body {
  id: string; kind: "base_station" | "aerial" | "satellite"; group: string;
  lat_deg: number; lon_deg: number; altitude_km: number; fixed: boolean;
  terminals: number; storage_pairs: number; population?: number | null; footprint_deg?: number;
}
export interface Link { a: string; b: string; making: string; length_km: number }
export interface Budget {
  slot: number;
  fibre: null | { length_km: number; photon_repeaters: number; rate_per_s: number; fidelity: number };
  free_space: {
    making: string | null; via: string | null; visible: boolean; reason: string;
    pair_rate_per_s: number | null; fidelity: number | null;
    lines: { from: string; to: string; range_km: number; elevation_deg: number; total_db: number;
      budget_db: Record<string, number>; noise: { part_of_day: string } }[];
  };
}
export interface Interval { mean: number; low: number | null; high: number | null }
export interface Demand {
  id: string; source: string; destination: string; colour: string; weight: number; target_fidelity: number;
  minimum_rate_per_s: number; delivered_pairs: number; mean_rate_per_s: number; slots_served: number;
  rate_per_s: number[]; simulated_pairs: Interval | null; sentence: string | null;
  reasons: { slots: string; reason: string }[];
}
export interface Service {
  slot: number; demand: string; path: string; rate_per_s: number; pairs: number; fidelity: number;
  base_pairs: number; nodes: string[]; stored: boolean[];
}
export interface Store { id: string; pair: string[]; route: string[]; pairs: number[]; stored_per_s: number[] }
export interface Pass { site: string; satellite: string; begin_s: number; end_s: number; slots_used: number[] }
export interface Scene {
  name: string; lead: string; time: { start: string; slot_s: number; slots: number };
  result: {
    status: string; words: string; early: string | null; method: string; delivered_pairs: number;
    objective_pairs: number; bound_pairs: number | null; bound_covers: string; gap: number | null;
    simulated_pairs: Interval | null; checker: string[] | null; warnings: string[]; binds: string[];
  };
  bodies: Body[]; sun: number[][]; links: Link[]; demands: Demand[]; services: Service[]; stores: Store[];
  passes: Pass[];
}
export interface Motion { step_s: number; samples: number; ids: string[]; xyz_km: string }
export interface Slot {
  links: number[]; rate_per_s: number[]; fidelity: (number | null)[]; used_per_s: number[]; via: string[];
}
export interface Problem { key: string; what: string; fix: string }
export interface Failure { what: string; where: string; why: string; fix: string; problems: Problem[] }
export interface State { state: string; plan: boolean; status: string | null; error: Failure | null }
export interface Job extends State {
  id: string; scenario: string; changes: Record<string, unknown>; created: number; time_limit_s: number | null;
}
export interface Both { a: number | null; b: number | null; more: number | null; share: number | null }
export interface Comparison {
  a: string; b: string; result: Record<string, Both>;
  demands: { id: string; pairs: Both; slots_served: Both }[];
  links: { a: string; b: string; pairs: Both }[];
  bodies: { added: string[]; removed: string[]; moved: string[] };
  changes: { a: Record<string, unknown>; b: Record<string, unknown> };
}
export interface Resolved { name: string; scenario: Record<string, unknown>; origins: Record<string, string> }

export class Refused extends Error {
  constructor(readonly failure: Failure) {
    super([failure.what, failure.why, failure.fix].filter(Boolean).join(". "));
  }
}

async function ask<T>(path: string, body?: unknown, method?: string): Promise<T> {
  const answer = await fetch(`api/${path}`, body === undefined ? { method } : {
    method: method ?? "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (answer.status === 204) return undefined as T;
  const found = await answer.json().catch(() => null);
  if (!answer.ok) {
    throw new Refused(found?.error ?? { what: `the server answered ${answer.status}`, where: "", why: "", fix: "", problems: [] });
  }
  return found as T;
}

export const server = {
  scenarios: () => ask<{ scenarios: { name: string; description: string; study: string }[] }>("scenarios"),
  scenario: (name: string) => ask<Resolved>(`scenarios/${encodeURIComponent(name)}`),
  jobs: () => ask<{ jobs: Job[] }>("jobs"),
  job: (id: string) => ask<Job>(`jobs/${id}`),
  submit: (wish: { scenario: string; changes: Record<string, unknown>; time_limit_s?: number; again?: boolean }) =>
    ask<Job>("jobs", wish),
  cancel: (id: string) => ask<Job>(`jobs/${id}/cancel`, {}),
  scene: (id: string) => ask<Scene>(`jobs/${id}/scene`),
  motion: (id: string) => ask<Motion>(`jobs/${id}/motion`),
  slot: (id: string, n: number) => ask<Slot>(`jobs/${id}/slots/${n}`),
  link: (id: string, n: number) => ask<Link & { budget: Budget | null }>(`jobs/${id}/links/${n}`),
  compare: (a: string, b: string) => ask<Comparison>(`jobs/${a}/compare/${b}`),
  file: (id: string, name: string) => `api/jobs/${id}/files/${name}`,
  files: (id: string) => ask<{ files: { name: string; bytes: number }[] }>(`jobs/${id}/files`),
};

export function follow(id: string, told: (event: string, data: any) => void): () => void {
  const source = new EventSource(`api/jobs/${id}/events`); // it reconnects with Last-Event-ID by itself
  for (const name of ["state", "stage", "progress", "bounds", "plan", "end"]) {
    source.addEventListener(name, (event) => {
      told(name, JSON.parse((event as MessageEvent).data));
      if (name === "end") source.close();
    });
  }
  return () => source.close();
}
