/**
 * Random numbers that are functions of what they are for, not of when they are drawn.
 *
 * <p>For everything that draws: token sampling, question draws, option shuffles, data order, synthetic scenes.
 */
package org.caprl.core.random;
