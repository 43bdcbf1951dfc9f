// Pure functions over what Terraform plans or has made: resources in, findings out.
export { estimateCost, type CostEstimate, type PricedResource } from './cost/estimate.ts';
export type { CostLine } from './cost/rules.ts';
