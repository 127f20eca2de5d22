import { type IngressSources } from '@hookstream/contracts';
import { type ServiceLogger } from '../logging/service-logger.js';
import { type ConfigListener } from './config-table.js';

/** Reads the topics that the sources in force name; before the configuration is read to its end nothing is changed. */
export function sourceListener(
  sources: IngressSources,
  readTopics: (topics: readonly string[]) => Promise<void>,
  logger: ServiceLogger,
): ConfigListener {
  let ready = false;
  const follow = () => {
    if (!ready) return;
    readTopics(sources.topics()).catch((error: unknown) => {
      logger.error('the topics of the sources in force are not read', { error, topics: sources.topics() });
    });
  };
  return {
    onSource(source) {
      sources.onSource(source);
      follow();
    },
    onDeleted(document) {
      sources.onDeleted(document);
      follow();
    },
    onForgotten(id) {
      sources.onDeleted({ id });
      follow();
    },
    onReady() {
      ready = true;
      follow();
    },
  };
}
