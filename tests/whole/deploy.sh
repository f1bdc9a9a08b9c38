#!/bin/bash
# SPDX-License-Identifier: ISC
# The examples of docs/deploy.md, as they stand, but for the folders of the system, which are folders of
# the test here. Each fence of the page has a name after its language.
# shellcheck source=tests/whole/peers/lib.sh
. "$(dirname "$0")/peers/lib.sh"

PAGE=$ROOT/docs/deploy.md
mkdir "$DIR/bin"
PATH=$DIR/bin:$BUILD:$PATH

# block NAME: what stands in that fence, indented or not.
block() {
	sed -n '/^ *```[a-z]* '"$1"'$/,/^ *```$/p' "$PAGE" | sed "/^ *\`\`\`/d; s/^   \([^ ]\)/\1/
		s,/etc/coldspare,$PWD/etc,g; s,/var/lib/coldspare,$PWD/lib,g; s,/media/,$DIR/,g" >"block.$1"
	[ -s "block.$1" ] || fail "the page has no example called $1"
}
# example NAME: runs it.
example() {
	block "$1"
	run bash -eu "block.$1"
}

# In the current folder: the key and a manifest where the page has them.
arrive() {
	mkdir -p etc lib
	cp "$DIR/hand.pub" etc/vault.pub
	cp "$1" lib/pins.json
	cp "$1.minisig" lib/pins.json.minisig
}

# next_manifest OLD NEW [FILTER]: signed, and following on OLD.
next_manifest() {
	make_manifest "$2" "(${3:-.}) | .serial = $(jq .serial "$1") + 1 |
		.previous = \"$(sha256sum "$1" | cut -d ' ' -f 1)\""
}

# An nginx in the current folder that is found and reloaded as the page does it.
start_nginx() {
	free_port
	echo "$port" >port
	block nginx
	cat >nginx.conf <<-EOF
		daemon off;
		pid $PWD/nginx.pid;
		error_log $DIR/server.log;
		$([ "$(id -u)" != 0 ] || echo 'user root;')
		events { }
		http {
			access_log off;
			client_body_temp_path $PWD/t1; proxy_temp_path $PWD/t2; fastcgi_temp_path $PWD/t3;
			uwsgi_temp_path $PWD/t4; scgi_temp_path $PWD/t5;
			server {
				listen 127.0.0.1:$port ssl;
				ssl_certificate $TLS/active.pem;
				ssl_certificate_key $TLS/active.key;
				$(cat block.nginx)
				return 204;
			}
		}
	EOF
	printf '#!/bin/sh\nexec /usr/sbin/nginx -c "%s" "$@"\n' "$PWD/nginx.conf" >"$DIR/bin/nginx"
	printf '#!/bin/sh\necho "$*" >>"%s"\n[ "$1" = reload ] && exec nginx -s reload\n' "$PWD/reloads" \
		>"$DIR/bin/systemctl"
	chmod 755 "$DIR"/bin/*
	serve /usr/sbin/nginx -c "$PWD/nginx.conf"
	until_listens "$port"
}
header() {
	curl -sS -m 20 -o /dev/null -D - --cacert "$TLS/ca.pem" "https://localhost:$(cat port)/" | tr -d '\r' |
		sed -n 's/^Public-Key-Pins: //p'
}
header_has() { header | grep -qF "$1"; }
reloads() { wc -l <reloads; }

test_a_first_look() {
	arrive "$DIR/pins.json"
	example look
	assert_code 0
	assert_out 'authentic'
	assert_out 'Network Security Config'
	echo >>lib/pins.json
	example look
	assert_code 77
}

test_nginx_behind_install() {
	arrive "$DIR/pins.json"
	coldspare_pins install --key etc/vault.pub --to etc/pins --format nginx lib/pins.json
	start_nginx
	touch reloads
	header_has max-age=5184000 || fail 'no header'
	next_manifest "$DIR/pins.json" next.json '.domains[0].max_age = 86400'
	arrive next.json
	example install
	assert_code 0
	until_true header_has max-age=86400
	assert_same "$(reloads)" 1
	example install
	assert_code 0
	assert_same "$(reloads)" 1
}

test_ansible_brings_it_to_each_server() {
	arrive "$DIR/pins.json"
	coldspare_pins install --key etc/vault.pub --to etc/pins --format nginx lib/pins.json
	start_nginx
	touch reloads
	next_manifest "$DIR/pins.json" pins.json '.domains[0].max_age = 7200'
	block ansible
	mv block.ansible pins.yml
	printf '[web]\nlocalhost ansible_connection=local ansible_python_interpreter=%s\n' "$(command -v python3)" >hosts
	export ANSIBLE_LOCAL_TEMP=$PWD/tmp ANSIBLE_REMOTE_TEMP=$PWD/tmp ANSIBLE_HOME=$PWD/home ANSIBLE_NOCOLOR=1
	run ansible-playbook -i hosts --syntax-check pins.yml
	assert_code 0
	sed 's/ansible.builtin.command/ansible.builtin.comand/' pins.yml >bad.yml
	refuses ansible-playbook -i hosts --syntax-check bad.yml
	run ansible-playbook -i hosts pins.yml
	assert_code 0
	assert_out 'changed=2'
	until_true header_has max-age=7200
	run ansible-playbook -i hosts pins.yml
	assert_code 0
	assert_out 'changed=0'
	assert_same "$(reloads)" 1
}

# commit MESSAGE: of what stands in the repository `work`, pushed.
commit() {
	git -C work add pins.json pins.json.minisig
	git -C work -c user.name=T -c user.email=t@example.org commit -qm "$1"
	git -C work push -q origin HEAD:main
}
bring() {
	cp "$1" work/pins.json
	cp "$1.minisig" work/pins.json.minisig
}

test_a_repository_that_servers_pull_from() {
	local here=$PWD
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
	git init -q --bare -b main repo.git
	git clone -q repo.git work 2>/dev/null
	bring "$DIR/pins.json"
	commit first
	git clone -q repo.git lib
	mkdir etc
	cp "$DIR/hand.pub" etc/vault.pub
	coldspare_pins install --key etc/vault.pub --to etc/pins --format nginx lib/pins.json
	start_nginx
	touch reloads
	# A request is checked in a clone of its own, against what the main branch has.
	next_manifest "$DIR/pins.json" next.json '.domains[0].max_age = 3600'
	bring next.json
	block gitops-check
	(cd work && git fetch -q && run bash -eu "$here/block.gitops-check" && assert_code 0)
	commit second
	example gitops-pull
	assert_code 0
	until_true header_has max-age=3600
	example gitops-pull
	assert_code 0
	assert_same "$(reloads)" 1
	# The old manifest comes back: neither the check nor the server takes it.
	bring "$DIR/pins.json"
	(cd work && git fetch -q && run bash -eu "$here/block.gitops-check" && assert_code 78)
	commit rollback
	example gitops-pull
	assert_code 78
	header_has max-age=3600 || fail 'the old pins are back'
}

test_a_zone_file() {
	make_manifest mail.json '.domains[0] |= (.domain = "mx.example.org" | .names = ["mx.example.org"])'
	arrive mail.json
	block zone-include
	printf '$TTL 3600\n@ IN SOA ns hostmaster 1 3600 600 86400 3600\n@ IN NS ns\nns IN A 192.0.2.1\n' \
		>example.org.zone
	cat block.zone-include >>example.org.zone
	example zone
	assert_code 0
	assert_out 'OK'
	grep -q '^_25._tcp.mx.example.org. IN TLSA 3 1 1 ' tlsa.zone
	make_manifest soon.json '.domains[0] |= (.domain = "mx.example.org" | .names = ["mx.example.org"] |
		.pins[0].deployed = (now - 60 | floor | todate))'
	arrive soon.json
	cp tlsa.zone before
	example zone
	assert_code 78
	assert_err 'tlsa-too-soon'
	cmp tlsa.zone before
}

test_a_hook_looks_at_what_is_served() {
	local name
	arrive "$DIR/pins.json"
	start_tls -quiet
	export DOMAIN=localhost PORT
	for name in active backup1 backup2; do
		PORT=$(port_of "$name")
		example check-hook
		assert_code 0
	done
	PORT=$(port_of stranger)
	example check-hook
	assert_code 78
}

# What certbot says when it has understood everything, and nobody answers: exit 1. It exits with 2 for
# what it does not understand.
certbot_reads() {
	bash -eu "$1" 2>&1 | tee certbot.log
	grep -q 'Connection refused' certbot.log
}

test_certbot_understands_the_renewals() {
	cat >"$DIR/bin/certbot" <<-EOF
		#!/bin/sh
		exec /usr/bin/certbot "\$@" -n --agree-tos --register-unsafely-without-email \\
			--server http://127.0.0.1:1/ --config-dir $PWD/c --work-dir $PWD/w --logs-dir $PWD/l
	EOF
	chmod 755 "$DIR/bin/certbot"
	block certbot-reuse
	accepts certbot_reads block.certbot-reuse
	sed 's/--reuse-key/--keep-key/' block.certbot-reuse >bad
	refuses certbot_reads bad
	mkdir requests
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -subj /CN=example.org \
		-addext subjectAltName=DNS:example.org -out requests/example.org-ec-p256-5f0c7c1e.csr 2>/dev/null
	block certbot-csr
	accepts certbot_reads block.certbot-csr
	echo damaged >requests/example.org-ec-p256-5f0c7c1e.csr
	refuses certbot_reads block.certbot-csr
}

# wrap VAULT: from here on `coldspare` knows it and its passphrase, and runs without a network.
wrap() {
	cat >"$DIR/bin/coldspare" <<-EOF
		#!/bin/bash
		exec ${OFFLINE[*]} $BUILD/coldspare $([ ${#OFFLINE[@]} -gt 0 ] || echo --allow-online) \\
			--vault $1 --passphrase-fd 9 "\$@" 9<<<'$PASSPHRASE'
	EOF
	chmod 755 "$DIR/bin/coldspare"
}

test_the_vault_learns_of_it_and_tightens_its_policy() {
	local step
	make_vault vault 2 anna=anna ben=ben cleo=cleo
	run operate vault generate --domain example.org
	assert_code 0
	run operate vault add-pin --domain example.org --role active "$TLS/active.pem"
	assert_code 0
	wrap "$PWD/vault"
	for step in report:true:300 minutes:false:300 day:false:86400 final:false:5184000; do
		example "policy-${step%%:*}"
		assert_code 0
		run operate vault export --to "export-${step%%:*}"
		assert_code 0
		cp "export-${step%%:*}/pins.json" "$stdout"
		assert_json ".domains[0] | [.report_only, .max_age] == [$(tr : , <<<"${step#*:}")]"
	done
	run coldspare_pins render nginx --key export-report/vault.pub export-report/pins.json
	assert_code 0
	assert_out 'add_header Public-Key-Pins-Report-Only'
	assert_out 'report-uri="https://reports.example.net/pins"'
	example deployed
	assert_code 0
}

test_a_recovered_key_is_tried_on_a_staging_server() {
	vault_keys
	wrap "$DIR/vault"
	mkdir etc lib
	cp "$DIR/export/vault.pub" etc/
	cp "$DIR/export/pins.json" "$DIR/export/pins.json.minisig" lib/
	KEY=$(jq -r '[.domains[0].pins[] | select(.role == "backup").key][1]' lib/pins.json)
	export KEY PORT
	example staging-recover
	assert_code 0
	example staging-certificate
	assert_code 0
	free_port
	PORT=$port
	serve openssl s_server -accept "127.0.0.1:$PORT" -cert staging.pem -key staging.key -www -quiet
	until_listens "$PORT"
	example staging-check
	assert_code 0
	# The same with a key that nobody has pinned.
	cp "$TLS/stranger.key" staging.key
	example staging-certificate
	free_port
	PORT=$port
	serve openssl s_server -accept "127.0.0.1:$PORT" -cert staging.pem -key staging.key -www -quiet
	until_listens "$PORT"
	example staging-check
	assert_code 90
}

test_a_mobile_build() {
	make_manifest app.json '.domains[0] |= (.domain = "example.org" | .names = ["example.org", "api.example.org"])'
	arrive app.json
	example mobile
	assert_code 0
	accepts xmllint --noout --schema "$ROOT/tests/whole/peers/network-security-config.xsd" \
		app/src/main/res/xml/network_security_config.xml
	accepts xmllint --noout NSPinnedDomains.plist
	cp NSPinnedDomains.plist before
	make_manifest app.json '.valid_until = (now - 60 | floor | todate) | .created = (now - 90 | floor | todate)'
	arrive app.json
	example mobile
	assert_code 78
	cmp NSPinnedDomains.plist before
}

run_tests
