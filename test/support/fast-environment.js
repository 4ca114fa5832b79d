/**
 * Jest's environment for Node on an ordinary V8 context. The usual one asks a Proxy for each global that is named (`Object`, `Promise`,
 * `JSON` …), since its context has a sandbox: a quarter of what our tests do in their own process (Node.js manual, "vm.createContext",
 * `vm.constants.DONT_CONTEXTIFY`).
 */
import vm from "node:vm";
import { TestEnvironment } from "jest-environment-node";

const { createContext } = vm;

export default class FastEnvironment extends TestEnvironment {
  constructor(config, context) {
    // It makes its context as it is constructed, and leaves nobody the choice of which.
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }
}
