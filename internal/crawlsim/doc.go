// Package crawlsim plays a large invented web to the crawler and measures it:
// what a visit costs, and what a month of a thousand sources comes to. It is
// tests alone, no part of the program.
package crawlsim
