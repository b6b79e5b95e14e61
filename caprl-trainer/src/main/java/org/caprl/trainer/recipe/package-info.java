/** What a user starts: the GRPO step and supervised fine-tuning, each readable on one screen. */
package org.caprl.trainer.recipe;
