import { expect, test } from 'vitest';
import type { EdgeRoute } from '#contract/agent/edge.ts';
import { createRouteStates } from './route-states.ts';
import { memoryLog, rememberingEdge } from './testing/test-agent.ts';

const route: EdgeRoute = {
  host: 'anna.farm.localhost',
  instanceId: 'anna',
  target: { host: '127.0.0.1', port: 20_001 },
  state: 'running',
  language: 'ru',
  providerName: 'Farm',
};
const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test('a route follows its instance; suspended wins, and the instance shows again when that is over', async () => {
  const edge = rememberingEdge();
  const routes = createRouteStates(edge, memoryLog());
  routes.onState(route.host, 'anna', 'running', 20_001);
  await routes.want({ ...route, state: 'starting' });
  routes.onState(route.host, 'anna', 'running', 20_001);
  routes.onState(route.host, 'anna', 'broken', 20_001);
  await settle();
  await routes.want({ ...route, state: 'suspended' });
  routes.onState(route.host, 'anna', 'starting', 20_001);
  await settle();
  await routes.want(route);
  await routes.forget(route.host);
  routes.onState(route.host, 'anna', 'running', 20_001);
  await settle();
  expect(edge.history).toEqual(['running', 'broken', 'suspended', 'starting', 'removed'].map((state) => `${route.host} ${state}`));
});

test('another instance of the same name changes nothing', async () => {
  const edge = rememberingEdge();
  const routes = createRouteStates(edge, memoryLog());
  await routes.want(route);
  routes.onState(route.host, 'other', 'broken', 20_001);
  await settle();
  expect(edge.history).toEqual([`${route.host} running`]);
});

test('what is forgotten of an instance is its own way, never that of another that has come to the name meanwhile', async () => {
  const edge = rememberingEdge();
  const routes = createRouteStates(edge, memoryLog());
  await routes.want({ ...route, instanceId: 'successor' });
  await routes.forget(route.host, 'anna');
  expect((await edge.routes()).map(({ instanceId }) => instanceId)).toEqual(['successor']);
  await routes.forget(route.host, 'successor');
  expect(await edge.routes()).toEqual([]);
});

test('the next life knows a suspended route from one that was broken', async () => {
  const edge = rememberingEdge();
  await edge.putRoute({ ...route, state: 'suspended' });
  await edge.putRoute({ ...route, host: 'b', instanceId: 'b', state: 'broken' });
  const routes = createRouteStates(edge, memoryLog());
  await routes.load();
  routes.onState(route.host, 'anna', 'running', 20_001);
  routes.onState('b', 'b', 'running', 20_001);
  await settle();
  expect((await edge.routes()).map(({ state }) => state)).toEqual(['suspended', 'running']);
});

test('an edge that refuses is tried again with the next word', async () => {
  const edge = rememberingEdge();
  const log = memoryLog();
  let isRefusing = false;
  const routes = createRouteStates(
    { ...edge, putRoute: (one) => (isRefusing ? Promise.reject(new Error('no')) : edge.putRoute(one)) },
    log,
  );
  await routes.want(route);
  isRefusing = true;
  routes.onState(route.host, 'anna', 'broken', 20_001);
  await settle();
  expect(log.bugs).toHaveLength(1);
  isRefusing = false;
  routes.onState(route.host, 'anna', 'broken', 20_001);
  await settle();
  expect((await edge.routes())[0]?.state).toBe('broken');
});
