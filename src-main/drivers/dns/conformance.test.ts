import { testEveryDnsProvider } from './conformance.ts';

await testEveryDnsProvider({ isReal: false });
