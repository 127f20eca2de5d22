const NEVER_USED = ['connect-runtime', 'connect-api', 'connect-json'];

/** What Maven has to fetch for a broker, its command line tools and a log writer (without one Kafka is silent). */
export function artefactPom(kafkaVersion: string): string {
  const exclusions = NEVER_USED.map(
    (artifact) => `<exclusion><groupId>org.apache.kafka</groupId><artifactId>${artifact}</artifactId></exclusion>`,
  );
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>hookstream</groupId>
  <artifactId>local-kafka</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    ${dependency('org.apache.kafka', 'kafka_2.13', kafkaVersion)}
    ${dependency('org.apache.kafka', 'kafka-tools', kafkaVersion, `<exclusions>${exclusions.join('')}</exclusions>`)}
    ${dependency('org.apache.logging.log4j', 'log4j-slf4j-impl', '2.25.1')}
  </dependencies>
</project>
`;
}

function dependency(group: string, artifact: string, version: string, more = ''): string {
  return (
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId>` +
    `<version>${version}</version>${more}</dependency>`
  );
}
