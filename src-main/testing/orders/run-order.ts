import type { JobView } from '#contract/api/jobs.ts';
import { FarmError, isFarmError } from '#contract/errors.ts';
import { addressOf, createLightWorld, type LightClient, type LightWorld, type OpenOptions } from '../light/light-world.ts';
import { createRandom } from '../light/random.ts';
import { beginAct } from './begin-act.ts';
import { drawOrder, failing, type Move, type Timed } from './moves.ts';
import { faultsOf } from './oracle.ts';

/** Refusals that have a sentence which names what is in the way; anything else is a fault. */
const refusals = new Set([
  'DNS_REFUSED',
  'DNS_UNSAFE',
  'DNS_ZONE_MISSING',
  'DOMAIN_IN_USE',
  'EXISTS',
  'INSTANCE_STATE',
  'JOB_NOT_STOPPED',
  'JOB_PAST_RETURN',
  'NAME_TAKEN',
  'NOT_FOUND',
  'OBJECT_BUSY',
  'SERVER_ALREADY_JOINED',
  'SERVER_DOES_NOT_FIT',
  'SERVER_HAS_WILDCARD',
  'SERVER_NOT_EMPTY',
  'SERVER_UNREACHABLE',
]);
const codeOf = (error: unknown): string => (isFarmError(error) ? error.code : String((error as { readonly code?: unknown }).code));

export type OrderResult = {
  readonly seed: number;
  readonly moves: readonly Timed[];
  readonly faults: readonly string[];
  /** How many jobs of each type ended how, by `<type> <state>`; refusals by their code; deaths. */
  readonly counts: Readonly<Record<string, number>>;
  readonly trace: readonly string[];
};

const isEnded = (state: string): boolean => ['done', 'undone', 'failed'].includes(state);
const openJobs = (world: LightWorld) => world.jobs().filter(({ state }) => !isEnded(state));
const refused = new FarmError('NOT_PERMITTED_BY_OS', { what: 'this' });

/** One order in one farm, and what is said of it. */
class Order {
  readonly counts: Record<string, number> = {};
  readonly faults: string[] = [];
  private readonly world: LightWorld;
  constructor(world: LightWorld) {
    this.world = world;
  }

  private count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** Answers when the core has said yes or no; a core that is killed says nothing. */
  private async asked(call: Promise<JobView> | undefined): Promise<void> {
    try {
      await call;
    } catch (error) {
      const code = codeOf(error);
      this.count(`refused ${code}`);
      if (!refusals.has(code)) this.faults.push(`refused with ${code}: ${String(error)}`);
      if (code !== 'OBJECT_BUSY') return;
      const { jobId } =
        (error as { readonly data?: { readonly jobId?: string }; readonly parameters?: { readonly jobId?: string } }).data ?? {};
      if (jobId !== undefined && this.world.disk.jobs.get(jobId) === undefined) this.faults.push('held by a job that is not there');
    }
  }

  private turnJob(client: LightClient, kind: 'undo' | 'continue' | 'cancel' | 'pause', id: string): Promise<void> {
    return this.asked(client.jobs[kind]({ jobId: id as never, requestKey: this.world.key() }));
  }

  private make(move: Move, who: string): Promise<unknown> | undefined {
    const { world } = this;
    switch (move.do) {
      case 'cut':
      case 'mend':
        world.cut(addressOf(move.server), move.do === 'cut');
        return undefined;
      case 'fail':
        world.agents.get(addressOf(move.server))?.failNext(move.command, refused);
        return undefined;
      case 'fail-dns':
        world.failDns(new FarmError('DNS_REFUSED', { domain: 'x', name: 'x', server: 'x', reason: 'HTTP 500' }));
        return undefined;
      case 'kill':
        world.kill();
        this.count('killed');
        return undefined;
      case 'die':
        void world.dieAt({ after: move.after, isDurable: move.isDurable }).then(() => this.count('died at a commit'));
        return undefined;
      case 'wait':
        return world.turns.pass(move.ms);
      case 'rest':
        return this.rest();
      case 'undo':
      case 'continue':
      case 'cancel':
      case 'pause': {
        const open = openJobs(world);
        const job = open[move.which % Math.max(1, open.length)];
        if (job !== undefined) void this.turnJob(world.as(who), move.do, job.id);
        return undefined;
      }
      default:
        void this.asked(beginAct(world, world.as(who), move));
        return undefined;
    }
  }

  /** What is ended holds nothing, at any moment. */
  private looked(): void {
    for (const { id, jobId } of this.world.disk.locks.find({})) {
      const job = this.world.disk.jobs.get(jobId);
      if (job === undefined || isEnded(job.state)) this.faults.push(`${id} is locked by a job that is ${job?.state ?? 'not there'}`);
    }
  }

  private async rest(): Promise<void> {
    const { world } = this;
    await world.turns.still();
    const isStill = () => world.isDead() || openJobs(world).every(({ state }) => state === 'stopped' || state === 'paused');
    await world.turns.until('every job comes to a stop', isStill);
  }

  async play(moves: readonly Timed[]): Promise<void> {
    const { world } = this;
    for (const { move, steps, who } of moves) {
      while (world.isDead()) await world.open();
      await this.make(move, who);
      for (let step = 0; step < steps && !world.isDead(); step += 1) await world.turns.step();
      this.looked();
    }
  }

  /** All is mended, every job that waits for a person is brought to an end, and what heals by itself has its time. */
  async settle(): Promise<void> {
    const { world } = this;
    world.spare();
    world.failDns();
    for (const [address, agent] of world.agents) {
      world.cut(address, false);
      for (const command of failing) agent.failNext(command, refused, 0);
    }
    if (world.isDead()) await world.open();
    for (let round = 0; round < 12; round += 1) {
      await this.rest();
      const open = openJobs(world);
      if (open.length === 0) break;
      for (const job of open) {
        // Twelve times nothing but undo, of a job that can only be continued, comes in one order of some thousand: the last rounds ask for both.
        const isBack = world.random.chance(0.5);
        const asked = this.turnJob(world.now().client, (round < 8 ? isBack : round % 2 === 0) ? 'undo' : 'continue', job.id);
        await world.turns.during(asked, 'a job is turned');
      }
    }
    // what heals by itself does so within some minutes; how soon is another question
    for (const ms of [3000, 30_000, 120_000, 600_000]) {
      await world.turns.pass(ms);
      await this.rest();
      if (faultsOf(world).length === 0) return;
    }
  }

  /** Nobody is locked out: an act that makes sense now is taken, and does what it says. */
  async act(): Promise<void> {
    const { world } = this;
    for (const { id, name, desired } of world.disk.instances.find({})) {
      const sensible = desired === 'running' ? 'stop' : desired === 'stopped' ? 'start' : 'resume';
      const begun = world.now().client.instances[sensible]({ instanceId: id, requestKey: world.key() });
      const job = await world.turns.during(begun, 'an act begins');
      await world.turns.until('an act ends', () => world.isSettled(job.id));
      const ended = world.disk.jobs.get(job.id);
      if (ended?.state !== 'done')
        this.faults.push(`${sensible} of ${name} at the end is ${ended?.state}: ${JSON.stringify(ended?.failure)}`);
    }
  }

  ended(): void {
    for (const { type, state } of this.world.jobs()) this.count(`${type} ${state}`);
  }
}

/** What is done wrong on purpose, to see whether it is found. */
export type Plant = Pick<OpenOptions, 'tables' | 'store'>;

/** Does these moves to a farm; the seed says who goes on first. Never throws for what the farm did: that is among the faults. */
export async function runMoves(seed: number, moves: readonly Timed[], plant: Plant = {}): Promise<OrderResult> {
  const world = await createLightWorld(seed, plant);
  const order = new Order(world);
  try {
    await world.open();
    await order.play(moves);
    await order.settle();
    order.faults.push(...faultsOf(world));
    if (order.faults.length === 0) {
      await order.act();
      order.faults.push(...faultsOf(world));
    }
    order.ended();
  } catch (error) {
    order.faults.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  world.kill();
  return { seed, moves, faults: order.faults, counts: order.counts, trace: world.turns.trace };
}

/** The order that follows from a seed. */
export const runOrder = (seed: number, plant: Plant = {}): Promise<OrderResult> =>
  runMoves(seed, drawOrder(createRandom(seed ^ 0x5f3759df)), plant);

/** What a person needs to make it happen again. */
export const tell = ({ seed, moves, faults }: OrderResult): string =>
  [`FARM_SEED=${seed}`, ...faults, ...moves.map(({ move, steps, who }) => `  ${who}: ${JSON.stringify(move)}, then ${steps} steps`)].join(
    '\n',
  );
