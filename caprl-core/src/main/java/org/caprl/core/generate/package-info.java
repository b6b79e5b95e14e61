/** Generation: continuous batching over a paged KV cache, sampling, and the records that come out. */
package org.caprl.core.generate;
