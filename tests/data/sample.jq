# SPDX-License-Identifier: ISC
# A manifest that breaks no rule today, whatever day it is. --arg key: the vault's minisign key.
def ago(days): (now | floor) - days * 86400 | todate;
def pin(hash; role; state): {
	pin: hash, role: role, state: state, origin: "offline", ca: null, algorithm: "ec:p256",
	key: null, released: false, deployed: ago(200), ready: ago(100)
};
{
	format: "coldspare-pins-1",
	vault: { name: "Example Ops", key: $key },
	serial: 3, created: ago(1), valid_until: ago(-365), offline: true, previous: null,
	journal: { entries: 17,
		head: "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b" },
	domains: [{
		domain: "example.org", names: ["example.org", "www.example.org"],
		include_subdomains: false, max_age: 5184000, report_only: false, report_uri: null,
		pins: [
			pin("a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s="; "active"; "active"),
			pin("1HNeOiZeFu7gP1lxi5tdAwGcB9i2xR+Q2jpmbuwTqzU="; "backup"; "standby"),
			pin("TgdAhWK+24tgzgXB3s/jrRa3IjCWfeAfZAt+Rym0n84="; "backup"; "standby")
		]
	}]
}
