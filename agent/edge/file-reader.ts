import { existsSync } from 'node:fs';
import { edgeRoute } from '#contract/agent/edge.ts';
import type { EdgeContext } from './edge-context.ts';
import { certificateFile, certificatePath, edgePaths, readCertificates, readRoutes, readWhole, routePath } from './edge-files.ts';

export type FileReader = {
  readonly readAll: () => void;
  readonly readRoute: (host: string) => void;
  readonly readCertificate: (certificateId: string) => void;
};

/** Brings files into the tables. A torn file changes nothing: what was known of it goes on. */
export function createFileReader(folder: string, context: EdgeContext): FileReader {
  const paths = edgePaths(folder);
  const putCertificate = (file: Parameters<EdgeContext['certificates']['put']>[0]): void => {
    try {
      context.certificates.put(file);
    } catch (error) {
      context.log.write('certificate-refused', { certificateId: file.certificate.certificateId, message: String(error) });
    }
  };
  return {
    readAll: () => {
      const routes = readRoutes(paths);
      const certificates = readCertificates(paths);
      for (const route of routes.good) context.routes.put(route);
      for (const file of certificates.good) putCertificate(file);
      for (const host of context.routes.hosts()) if (!existsSync(routePath(paths, host))) context.routes.remove(host);
      for (const id of context.certificates.ids()) if (!existsSync(certificatePath(paths, id))) context.certificates.remove(id);
      for (const path of [...routes.torn, ...certificates.torn]) context.log.write('torn', { path });
    },
    readRoute: (host) => {
      const read = readWhole(routePath(paths, host), edgeRoute);
      if (read.state === 'good') context.routes.put(read.value);
      if (read.state === 'absent') context.routes.remove(host);
      if (read.state === 'torn') context.log.write('torn', { path: routePath(paths, host) });
    },
    readCertificate: (certificateId) => {
      const read = readWhole(certificatePath(paths, certificateId), certificateFile);
      if (read.state === 'good') putCertificate(read.value);
      if (read.state === 'absent') context.certificates.remove(certificateId);
      if (read.state === 'torn') context.log.write('torn', { path: certificatePath(paths, certificateId) });
    },
  };
}
