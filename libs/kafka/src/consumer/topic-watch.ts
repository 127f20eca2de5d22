import { type Cluster } from 'kafkajs';
import { type ShapesRequest, shapesRequest, type TopicShape } from '../wire/topic-shapes.js';

interface Connections {
  send(request: ShapesRequest): Promise<ReadonlyMap<string, TopicShape>>;
}

/**
 * Notices what kafkajs does not. A topic that is deleted and made anew in a moment keeps its name: kafkajs would go on at
 * the former offset and skip what is before it. Of partitions that are added it hears every five minutes only.
 */
export class TopicWatch {
  readonly #ids = new Map<string, string>();

  /** It is gone, and with it what groups have committed of it: what comes under its name needs no putting right. */
  forget(topic: string): void {
    this.#ids.delete(topic);
  }

  /**
   * Returns the topics that are other ones than when they were last seen under their names; they are told once. Where some
   * have grown, kafkajs joins the group again and has the new partitions assigned.
   */
  async look(cluster: Cluster, topics: readonly string[]): Promise<readonly string[]> {
    const shapes = await shapesOf(cluster, topics);
    const hasGrown = [...shapes].some(
      ([topic, { partitions }]) => partitions > cluster.findTopicPartitionMetadata(topic).length,
    );
    if (hasGrown) await cluster.refreshMetadata();
    const anew: string[] = [];
    for (const [topic, { id }] of shapes) {
      if ((this.#ids.get(topic) ?? id) !== id) anew.push(topic);
      this.#ids.set(topic, id);
    }
    return anew;
  }
}

async function shapesOf(cluster: Cluster, topics: readonly string[]): Promise<ReadonlyMap<string, TopicShape>> {
  const [nodeId] = cluster.getNodeIds();
  if (nodeId === undefined) return new Map();
  const connections: unknown = Reflect.get(await cluster.findBroker({ nodeId: String(nodeId) }), 'connectionPool');
  return isConnections(connections) ? connections.send(shapesRequest(topics)) : new Map();
}

function isConnections(value: unknown): value is Connections {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'send') === 'function';
}
