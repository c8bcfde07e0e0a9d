package attribution

import "strings"

// The words below are closed lists of English. They are facts of the language
// and are looked up in lower case.

// strong are verbs of saying that take the words said as their object.
var strong = set(`said say says saying told tell tells telling added add adds adding wrote write writes writing
tweeted tweets tweeting explained explain explains explaining continued continues continuing noted note notes noting
stated state states stating argued argue argues arguing warned warn warns warning insisted insists insisting
replied replies replying responded responds responding asked asks asking declared declares declaring
announced announces announcing claimed claim claims claiming concluded concludes concluding commented comments commenting
recalled recalls recalling remarked remarks remarking acknowledged acknowledges acknowledging admitted admits admitting
confirmed confirms confirming predicted predicts predicting suggested suggests suggesting complained complains complaining
joked jokes joking quipped quips shouted shouts shouting yelled yells yelling chanted chanting vowed vows vowing
pledged pledges pledging promised promises promising observed observes reiterated reiterates reiterating
cautioned cautions cautioning emphasised emphasises emphasising emphasized emphasizes emphasizing stressed stresses stressing
posted posts posting urged urges urging exclaimed exclaims lamented laments lamenting boasted boasts boasting
testified testifies testifying opined opines mused muses asserted asserts asserting maintained maintains maintaining
contended contends contending countered counters countering retorted retorts thundered interjected pleaded implored
mentioned mentions revealed reveals cried whispered texted emailed shot-back chimed deadpanned railed fumed
confessed confesses echoed echoes thanked elaborated fired marvelled marveled gushed enthused vented groaned sighed apologised proclaimed proclaims answered answers interrupted snapped scoffed sniped`)

// weak are verbs that report or judge; they take quoted pieces more than whole sentences.
var weak = set(`called call calls calling described describes describing accused accuses accusing read reads reading
cited cites citing blasted blasts praised praises praising referred refers referring reported reports reporting
believes believe believed thinks think thought denounced denounces dismissed dismisses dismissing criticised criticises
criticising criticized criticizes criticizing mocked mocks mocking labelled labels labelling labeled labeling dubbed dubs
branded brands branding blamed blames blaming slammed slams slamming hailed hails hailing ripped characterised
characterised characterized characterizes characterizing spoke speaks speaking went goes going began begins questioned questions
demanded demands demanding hinted hints repeated repeats repeating agreed agrees agreeing voiced voices expressed
expresses expressing apologised apologises apologising apologized apologizes apologizing assured assures assuring
condemned condemns condemning welcomed welcomes welcoming heard hears offered offers wondered wonders promoted railed
attacked attacks ridiculed taunted touted decried derided advised advises advising instructed instructs alleged alleges
alleging denied denies denying estimated estimates feared fears hoped hopes expects expected found showed shows
compared compares likened painted portrayed cast signed invoked defended defends pointed points`)

// pronouns that can stand for a speaker.
var pronouns = set(`he she they it who we i which`)

// titles stand before a person's name and are no part of it.
var titles = set(`mr mrs ms miss mx dr prof professor sir dame lord lady baroness baron rev reverend father sister brother
sen senator sens rep reps representative gov governor gen general col colonel capt captain lt sgt sergeant maj major
president cllr councillor judge justice rabbi imam bishop archbishop pope king queen prince princess`)

// courtesy are the titles that are kept as a title; the others are a role too.
var courtesy = set(`mr mrs ms miss mx dr prof professor sir dame lord lady baroness baron rev reverend cllr`)

// notNames begin with a capital for another reason than being a name.
var notNames = set(`the a an in on at but and or he she it they we i you if when while as for from with by to of this that
these those there then after before since although though however also so yet monday tuesday wednesday thursday
friday saturday sunday january february march april may june july august september october november december christmas boxing easter ramadan eid diwali hanukkah thanksgiving hogmanay halloween
his her their its our my your not no yes what who why how where which here now still just even some many most
all both earlier later meanwhile during asked according until once because despite unlike like among instead
indeed perhaps maybe well ok oh let's another one two three four five several few each every such only
republican democratic republicans democrats american americans british english french german russian chinese
jan feb mar apr jun jul aug sep sept oct nov dec today yesterday tomorrow last next first second third
under over about against between without within through into out up down off again further more less much
does did do is are was were be been being has have had will would can could should may might must shall
don't it's i'm that's there's he's she's we're they're you're i've we've added speaking responding read
welcome commenting writing image picture photo update updated exclusive breaking live watch video mrs`)

// nouns are people and bodies named by what they are.
var nouns = set(`spokesman spokeswoman spokesperson spokespeople spokesmen official officials source sources aide aides campaign
adviser advisers advisor advisors president senator senators governor mayor candidate candidates nominee director chairman
chairwoman chair manager leader leaders lawyer lawyers attorney strategist strategists pollster analyst analysts professor
expert experts report statement poll survey study company trust union minister ministers secretary voter voters supporter
supporters critic critics reporter reporters group groups organization organisation organizations organisations agency
department memo email e-mail letter tweet post ad moderator host businessman mogul billionaire congressman congresswoman
lawmaker lawmakers judge author paper newspaper newspapers document documents filing website service team committee
college association woman man doctor doctors nurse nurses patient patients student students teacher teachers mother father
son daughter wife husband brother sister veteran veterans owner resident residents firm firms bank writer columnist actor
singer activist activists politician politicians pastor prosecutor prosecutors police authorities administration surgery
surgeries practice practices bosses managers executive executives people board council council's hospital hospitals
charity regulator watchdog supplier department's government ministry office commission press-release release article
editorial op-ed book interviewer correspondent commentator caller protester protesters demonstrators crowd audience placard poster
medic medics consultant consultants gp gps pharmacist pharmacists scientist scientists researcher researchers economist
economists historian scholar campaigner campaigners peer peers mp mps backbencher councillor councillors boss head
update bulletin notice message sign banner headline transcript video friend friends neighbour neighbours witness witnesses
relative relatives family guild federation confederation body`)

// roleHeads are the words on which a role ends ("Health and Wellbeing Secretary").
var roleHeads = set(`chair chairman chairwoman chairperson chief director secretary minister president head ceo deputy officer
leader lead manager executive senator governor mayor professor founder co-founder editor doctor gp nurse consultant
spokesman spokeswoman spokesperson adviser advisor commissioner ombudsman chancellor convener convenor registrar
pharmacist analyst strategist attorney lawyer lawmaker congressman congresswoman representative nominee candidate
partner principal dean treasurer economist historian columnist author reporter correspondent pollster surgeon physician
medic midwife councillor mp msp ms mep peer boss coordinator co-ordinator vice-president vice-chair premier
ambassador general-secretary coach captain professor lecturer researcher scientist consultant inspector
superintendent constable sheriff judge counsel guardian architect engineer specialist campaigner activist
member trustee meteorologist forecaster ecologist biologist geologist chemist physicist psychologist psychiatrist paediatrician
cardiologist oncologist epidemiologist virologist anaesthetist radiographer radiologist physiotherapist optometrist dentist vet
paramedic firefighter coroner magistrate solicitor barrister detective sergeant headteacher teacher lecturer librarian archivist
curator conservator farmer fisherman skipper driver baker butcher chef publican landlord landlady shopkeeper organiser steward
vicar pastor chaplain priest goalkeeper striker defender midfielder presenter broadcaster singer actor actress novelist poet
playwright comedian choreographer conductor producer developer planner warden ranger inspector ombudsperson whistleblower
scientist statistician actuary auditor accountant banker trader investor entrepreneur owner bishop archbishop convenor warden`)

// shortened words are written with a stop that ends no sentence.
var shortened = set(`jan feb mar apr jun jul aug sept oct nov dec jr sr st mt no vs inc corp co ltd etc approx dept univ ave rd blvd fla calif mass penn
ariz colo conn mich minn wis tex tenn ga va md ill ind ky la miss mo neb nev okla ore pa wash del kan d-n r-s atty asst`)

// kin may stand before a name as a title does: "Mum Sheila".
var kin = set(`mum mam dad mother father wife husband widow widower son daughter brother sister gran grandad nan grandmother grandfather
uncle aunt neighbour fiance fiancee girlfriend boyfriend partner boss skipper ex-wife ex-husband`)

// personNouns mean one person, whoever was spoken of last, where "the" stands
// before them; the ones that tell a gender are in womanNouns and manNouns.
var personNouns = set(`man woman mother father mum dad grandmother grandfather gran grandad widow widower boy girl teenager pensioner
student pupil patient witness victim defendant peer veteran resident worker shopworker cleaner carer mother-of-two mother-of-three
father-of-two father-of-three actress actor singer star presenter author writer player captain ex-director ex-soldier`)

var (
	womanNouns = set(`woman mother mum grandmother gran widow girl actress businesswoman congresswoman chairwoman spokeswoman councilwoman daughter wife sister`)
	manNouns   = set(`man father dad grandfather grandad widower boy businessman congressman chairman spokesman councilman son husband brother`)
)

// places are words that make a run of capitals a place or a house.
var places = set(`hotel street road avenue lane square park farm moor hill hall castle bridge river lake island valley beach bay harbour harbor
station airport cathedral abbey stadium arena theatre theater gallery pier quay dock docks forest wood woods common green heath marsh reservoir
estate cottage lodge tower building courthouse ground village town borough parish ward junction terrace crescent close mews pub inn arms
roundabout shire peninsula gardens garden plaza canyon creek falls mountain mountains ocean sea strait channel coast`)

// leads are words with which names of places and bodies begin.
var placeLeads = set(`upper lower north south east west northern southern eastern western new old great little saint st mount grand royal national
international central greater inner outer storm hurricane typhoon cyclone operation project lake port fort los las san santa saudi united`)

// roleWords may stand inside a role before its head.
var roleWords = set(`cabinet councillor deputy chief vice shadow former acting interim national medical executive prime first general health home
foreign managing clinical regional senior junior assistant associate joint co- policy press nursing science technology
and of for public communications digital operating financial finance scientific dental pharmaceutical lead state us uk
permanent under-secretary parliamentary council committee gp campaign democratic republican presidential longtime
veteran house senate majority minority attorney political legal defense defence transport education justice treasury
business environment work pensions housing culture energy trade international development social care wellbeing editor
in-chief university research programme program project group sales marketing strategy information data security`)

// orgWords make a run of capitals the name of a body.
var orgWords = set(`trust association college england department ministry university hospital hospitals council committee board
company practice surgery surgeries centre center group party house senate congress union federation foundation institute
institution society times post news agency court police bank corporation inc ltd limited plc llp campaign service services
authority commission organisation organization network alliance coalition confederation guild office bureau forum
school academy church club league partnership partners systems technologies airlines airways healthcare health care
magazine journal newspaper tv radio media press tribune herald telegraph guardian mirror mail express echo gazette
chronicle observer journal review community pharmacy pharmacies government parliament assembly administration nhs bma
laboratory laboratories labs software solutions consulting holdings airport museum library city county state states
kingdom america britain scotland wales ireland europe republic democrats republicans gps`)

// unnamedHeads say of an unnamed speaker what he or she is.
var unnamedHeads = map[string]string{
	"spokesman": "spokesman", "spokeswoman": "spokeswoman", "spokesperson": "spokesperson", "spokespeople": "spokesperson",
	"spokesmen": "spokesman", "source": "source", "sources": "source", "official": "official", "officials": "official",
	"insider": "source", "aide": "aide", "aides": "aides",
}

// documents speak for the body that issued them.
var documents = set(`statement website report update post tweet notice release memo email e-mail letter bulletin message document filing`)

// bodyNouns refer to a body named before; the types of a register entry that
// each may stand for.
var bodyNouns = map[string][]string{
	"union": {"union"}, "trust": {"trust"}, "company": {"supplier", "company", "provider"}, "firm": {"supplier", "company", "provider"},
	"supplier": {"supplier"}, "college": {"college"}, "charity": {"charity"}, "regulator": {"regulator"}, "watchdog": {"regulator"},
	"department": {"department"}, "ministry": {"department"}, "board": {"board"}, "association": {"association", "trade body", "membership", "union", "professional"},
	"confederation": {"membership"}, "guild": {"trade body"}, "organisation": nil, "organization": nil, "body": nil, "group": nil, "agency": {"agency", "body"},
	"hospital": {"trust", "hospital"}, "service": {"service", "arms-length", "health"}, "government": {"government", "department"}, "committee": {"committee"}, "council": {"council"},
	"provider": {"supplier", "provider"}, "surgery": nil, "practice": nil, "bank": nil, "newspaper": {"outlet"}, "paper": {"outlet"},
}

// adverbs and the like may stand between a speaker and the verb.
var adverbs = set(`also then later has have had was is just even again repeatedly once recently who further yesterday today
previously himself herself themselves itself went on to in a statement earlier now too still since first
monday tuesday wednesday thursday friday saturday sunday would could will simply`)

// speechless are words after which a piece in quotation marks is a name or a term.
var speechless = set(`so-called called titled entitled named song film book show series album programme program novel play
single track slogan hashtag dubbed nicknamed word words term phrase known headlined movie documentary podcast episode
campaign scheme project initiative act bill`)

// writings carry words that nobody in particular says.
var writings = set(`sign signs banner banners placard placards poster posters headline headlines shirt shirts t-shirt t-shirts hat hats sticker`)

// determiners begin a phrase.
var determiners = set(`the a an one some another his her their its this other others many several two three both most former our my`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
