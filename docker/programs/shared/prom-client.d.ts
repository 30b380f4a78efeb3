/** The parts of prom-client that are enough for gauges. Its index brings collectors, a push client and a cluster along. */

declare module 'prom-client/lib/gauge.js' {
  import { Gauge } from 'prom-client'

  export default Gauge
}

declare module 'prom-client/lib/registry.js' {
  import { Registry } from 'prom-client'

  export default Registry
}
